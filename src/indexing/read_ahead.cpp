#include "indexing/read_ahead.h"

#include <utility>

namespace tandem::indexing {

ReadAhead::ReadAhead(const PictureLoader& loader, std::size_t threads, std::size_t capacity)
    : loader_(loader), capacity_(capacity), pool_(threads) {}

void ReadAhead::push(std::filesystem::path path, const FileStamp& stamp, Decode decode) {
  auto picture = pool_.submit([this, path, bytes = stamp.bytes, decode] {
    return attempt([&] { return loader_.load(path, bytes, decode); });
  });
  pending_.push_back({std::move(path), stamp, std::move(picture)});
}

Arrival ReadAhead::take() {
  Pending first = std::move(pending_.front());
  pending_.pop_front();
  return {std::move(first.path), first.stamp, first.picture.get()};
}

}  // namespace tandem::indexing
