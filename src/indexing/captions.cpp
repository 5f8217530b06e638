#include "indexing/captions.h"

#include <string_view>
#include <utility>

#include "core/text_lines.h"
#include "datasets/caption_line.h"

namespace tandem::indexing {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;

}  // namespace

Captions::Captions(const FileSystem& files, const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = files.read(file, kMaxBytes);
  const std::filesystem::path folder = absolute_path(file).parent_path();
  TextLines lines({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
  datasets::for_each_caption_line(lines, [&](datasets::CaptionLine line) {
    auto& known = by_picture_[absolute_path(folder / line.picture)];
    for (datasets::LineCaption& caption : line.captions) known.push_back(std::move(caption.text));
  });
}

const std::vector<Text>& Captions::of(const std::filesystem::path& picture) const {
  static const std::vector<Text> kNone;
  const auto found = by_picture_.find(picture);
  return found == by_picture_.end() ? kNone : found->second;
}

}  // namespace tandem::indexing
