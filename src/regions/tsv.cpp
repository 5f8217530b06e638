// Many pictures, one on each line: id, width, height, number of regions, boxes, features; between them tabs,
// the last two in Base64 of little-endian float32.
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "checkpoint/json.h"
#include "core/base64.h"
#include "core/fail.h"
#include "core/hash.h"
#include "core/utf8.h"
#include "regions/checked.h"
#include "regions/formats.h"
#include "regions/region_ids.h"

namespace tandem::regions {
namespace {

constexpr std::size_t kColumns = 6;
using Columns = std::array<std::string_view, kColumns>;

Columns split(std::string_view line, const std::string& place) {
  Columns columns;
  std::size_t count = 0;
  for (;;) {
    const std::size_t tab = line.find('\t');
    if (count < kColumns) columns[count] = line.substr(0, tab);
    ++count;
    if (tab == line.npos) break;
    line.remove_prefix(tab + 1);
  }
  if (count == kColumns) return columns;
  fail(ErrorCode::kBadFormat,
       "{}: found {} columns, {} with tabs between them are wanted; is the file whole?", place, count,
       kColumns);
}

std::uint64_t number(std::string_view text, const char* what, const std::string& place) {
  std::uint64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec == std::errc() && end.ptr == text.data() + text.size()) return value;
  fail(ErrorCode::kBadFormat, "{}: {}: found {}, a whole number is wanted", place, what,
       checkpoint::shown(printable_utf8(text)));
}

// How many float32 a column stands for, by its length alone.
std::uint64_t float_count(std::string_view base64, const char* what, const std::string& place) {
  std::uint64_t bytes = base64.size() / 4 * 3;
  for (const std::size_t last : {1, 2}) {
    if (base64.size() >= last && base64[base64.size() - last] == '=') --bytes;
  }
  if (base64.size() % 4 == 0 && bytes % sizeof(float) == 0) return bytes / sizeof(float);
  fail(ErrorCode::kBadFormat, "{}: {}: {} characters are no Base64 of float32 numbers; is the file whole?",
       place, what, base64.size());
}

Matrix decode(std::string_view base64, std::size_t rows, std::size_t columns, const char* what,
              const std::string& place) {
  const auto bytes = decode_base64(base64);
  Matrix values(rows, columns);
  if (!bytes || bytes->size() != values.size() * sizeof(float)) {
    fail(ErrorCode::kBadFormat, "{}: {}: not Base64; is the file whole?", place, what);
  }
  if (!bytes->empty()) std::memcpy(values.data(), bytes->data(), bytes->size());
  return values;
}

class TsvRegions final : public RegionFile {
 public:
  TsvRegions(const std::filesystem::path& path, const RegionLimits& limits, const FileSystem& files)
      : name_(path.string()), limits_(limits), file_(files.map(path)) {
    find_lines();
    if (lines_.empty()) fail(ErrorCode::kBadFormat, "{}: no picture in it", name_);
    width_ = size_of(split(lines_[0], line_place(0)), line_place(0)).second;
  }

  const std::vector<std::string>& ids() const override { return ids_.ids(); }

  Regions read(const std::string& id) const override {
    const std::size_t i = ids_.find(id, name_);
    const std::string place = line_place(i);
    const Columns columns = split(lines_[i], place);
    const auto [count, width] = size_of(columns, place);
    if (width != width_) {
      fail(ErrorCode::kBadFormat, "{}: features of width {}, those of the first picture have {}", place,
           width, width_);
    }
    Regions regions;
    regions.image_width =
        picture_size(static_cast<double>(number(columns[1], "width", place)), "width", place);
    regions.image_height =
        picture_size(static_cast<double>(number(columns[2], "height", place)), "height", place);
    regions.boxes = decode(columns[4], count, 4, "boxes", place);
    regions.features = decode(columns[5], count, width, "features", place);
    return checked(std::move(regions), place);
  }

  std::uint64_t content_hash(const std::string& id) const override {
    return checksum64(std::as_bytes(std::span(lines_[ids_.find(id, name_)])));
  }

 private:
  void find_lines() {
    std::string_view rest(reinterpret_cast<const char*>(file_->bytes().data()), file_->bytes().size());
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      const std::string place = line_place(lines_.size());
      ids_.add(std::string(split(line, place)[0]), place);
      lines_.push_back(line);
    }
  }

  std::string line_place(std::size_t i) const { return fmt::format("{}: line {}", name_, i + 1); }

  // Number of regions and width of the features, by the lengths of the columns.
  std::pair<std::uint64_t, std::uint64_t> size_of(const Columns& columns, const std::string& place) const {
    const std::uint64_t count = number(columns[3], "number of regions", place);
    const std::uint64_t boxes = float_count(columns[4], "boxes", place);
    const std::uint64_t features = float_count(columns[5], "features", place);
    check_size(count, count == 0 ? 0 : features / count, limits_, place);
    if (boxes != 4 * count || features % count != 0) {
      fail(ErrorCode::kBadFormat,
           "{}: {} numbers of boxes and {} of features for {} regions; is the file whole?", place, boxes,
           features, count);
    }
    return {count, features / count};
  }

  std::string name_;
  RegionLimits limits_;
  std::shared_ptr<const MappedFile> file_;
  RegionIds ids_;
  std::vector<std::string_view> lines_;
  std::uint64_t width_ = 0;
};

}  // namespace

std::shared_ptr<const RegionFile> open_tsv(const std::filesystem::path& path, const RegionLimits& limits,
                                           const FileSystem& files) {
  return std::make_shared<TsvRegions>(path, limits, files);
}

}  // namespace tandem::regions
