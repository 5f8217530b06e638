#include "regions/region_ids.h"

#include <utility>

#include "checkpoint/json.h"
#include "core/fail.h"
#include "core/utf8.h"

namespace tandem::regions {
namespace {

constexpr std::size_t kLongest = 4096;

}  // namespace

void RegionIds::add(std::string id, const std::string& place) {
  if (id.empty()) fail(ErrorCode::kBadFormat, "{}: a picture without an id", place);
  if (id.size() > kLongest) {
    fail(ErrorCode::kBadFormat, "{}: an id of {} bytes, at most {} are accepted", place, id.size(), kLongest);
  }
  if (const auto offset = first_invalid_utf8(id)) {
    fail(ErrorCode::kBadFormat, "{}: an id with invalid UTF-8 at its byte {}; write the file in UTF-8", place,
         *offset);
  }
  if (!numbers_.emplace(id, ids_.size()).second) {
    fail(ErrorCode::kBadFormat, "{}: the id {} is there twice, each is wanted once", place,
         checkpoint::shown(id));
  }
  ids_.push_back(std::move(id));
}

std::size_t RegionIds::find(const std::string& id, const std::string& file) const {
  const auto found = numbers_.find(id);
  if (found != numbers_.end()) return found->second;
  fail(ErrorCode::kNotFound, "{}: has no picture {}", file, checkpoint::shown(printable_utf8(id)));
}

std::string picture_place(const std::string& file, const std::string& id) {
  return fmt::format("{}: picture {}", file, checkpoint::shown(id));
}

}  // namespace tandem::regions
