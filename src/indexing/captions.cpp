#include "indexing/captions.h"

#include <string_view>
#include <utility>

#include "core/fail.h"
#include "datasets/caption_line.h"

namespace tandem::indexing {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;

}  // namespace

Captions::Captions(const FileSystem& files, const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = files.read(file, kMaxBytes);
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::filesystem::path folder = absolute_path(file).parent_path();
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    try {
      datasets::CaptionLine line = datasets::parse_caption_line(text);
      auto& known = by_picture_[absolute_path(folder / line.picture)];
      for (datasets::LineCaption& caption : line.captions) known.push_back(std::move(caption.text));
    } catch (const Error& error) {
      fail(ErrorCode::kBadFormat, "{}: line {}: {}; mend or remove the line", file.string(), number,
           error.what());
    }
  }
}

const std::vector<Text>& Captions::of(const std::filesystem::path& picture) const {
  static const std::vector<Text> kNone;
  const auto found = by_picture_.find(picture);
  return found == by_picture_.end() ? kNone : found->second;
}

}  // namespace tandem::indexing
