#include "checkpoint/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "checkpoint/json.h"
#include "core/fail.h"

namespace tandem::checkpoint {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeader = 100'000'000;  // the limit of the reference implementation
constexpr int kMaxHeaderDepth = 8;                 // a well-formed header has 3 levels

struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  const std::string* name = nullptr;
};

std::string_view header_text(std::span<const std::byte> file, const std::string& path) {
  if (file.size() < kLengthBytes) {
    fail(ErrorCode::kBadFormat, "{}: has {} bytes, at least {} are wanted; is the file whole?", path,
         file.size(), kLengthBytes);
  }
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  const std::uint64_t most = std::min<std::uint64_t>(kMaxHeader, file.size() - kLengthBytes);
  if (length > most) {
    fail(ErrorCode::kBadFormat,
         "{}: the header has {} bytes by its length, at most {} are possible; is the file whole?", path,
         length, most);
  }
  return {reinterpret_cast<const char*>(file.data()) + kLengthBytes, length};
}

void check_metadata(const json& metadata, const std::string& path) {
  const bool strings = metadata.is_object() &&
                       std::ranges::all_of(metadata, [](const json& value) { return value.is_string(); });
  if (!strings) {
    fail(ErrorCode::kBadFormat, "{}: __metadata__: an object of strings is wanted", path);
  }
}

// One entry of the header; `place` is "file: "name"" for messages.
class EntryReader {
 public:
  EntryReader(const json& entry, std::string place) : entry_(entry), place_(std::move(place)) {
    if (!entry.is_object()) reject("the entry", entry, "an object");
  }

  DType dtype() const {
    const json& found = field("dtype");
    if (!found.is_string()) reject("dtype", found, "a string");
    if (const auto known = find_dtype(found.get_ref<const std::string&>())) return *known;
    fail(ErrorCode::kUnsupported,
         "{}: dtype: found {}, one of F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL is wanted; convert the file",
         place_, shown(found));
  }

  Shape shape() const {
    const json& found = field("shape");
    const bool good = found.is_array() && found.size() <= kMaxDimensions &&
                      std::ranges::all_of(found, [](const json& size) {
                        return size.is_number_unsigned() &&
                               size.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max();
                      });
    if (!good) reject("shape", found, fmt::format("an array of at most {} sizes", kMaxDimensions));
    return found.get<Shape>();
  }

  // Offsets into `data_bytes` bytes.
  Extent extent(std::uint64_t data_bytes) const {
    const json& found = field("data_offsets");
    const bool pair = found.is_array() && found.size() == 2 && found[0].is_number_unsigned() &&
                      found[1].is_number_unsigned();
    if (!pair) reject("data_offsets", found, "a pair of offsets");
    const Extent extent{found[0].get<std::uint64_t>(), found[1].get<std::uint64_t>()};
    if (extent.begin > extent.end || extent.end > data_bytes) {
      reject("data_offsets", found, fmt::format("a range within the {} bytes of data", data_bytes));
    }
    return extent;
  }

  void check_size(const Extent& extent, DType dtype, const Shape& shape) const {
    std::uint64_t wanted = byte_width(dtype);
    bool overflow = false;
    for (const std::int64_t size : shape) {
      overflow |= __builtin_mul_overflow(wanted, static_cast<std::uint64_t>(size), &wanted);
    }
    if (overflow) reject("shape", field("shape"), "a size that a file can have");
    if (extent.end - extent.begin != wanted) {
      fail(ErrorCode::kBadFormat, "{}: data_offsets: found {} bytes, {} {} has {}", place_,
           extent.end - extent.begin, to_string(dtype), to_string(shape), wanted);
    }
  }

 private:
  const json& field(const char* name) const {
    const auto found = entry_.find(name);
    if (found == entry_.end()) fail(ErrorCode::kBadFormat, "{}: {} is missing", place_, name);
    return *found;
  }

  [[noreturn]] void reject(const char* what, const json& found, const std::string& wanted) const {
    fail(ErrorCode::kBadFormat, "{}: {}: found {}, {} is wanted", place_, what, shown(found), wanted);
  }

  const json& entry_;
  std::string place_;
};

// The format wants every byte of the data to belong to exactly one tensor.
void check_cover(std::vector<Extent> extents, std::uint64_t data_bytes, const std::string& path) {
  std::ranges::sort(extents, {}, [](const Extent& e) { return std::pair(e.begin, e.end); });
  std::uint64_t covered = 0;
  for (const Extent& extent : extents) {
    if (extent.begin != covered) {
      fail(ErrorCode::kBadFormat, "{}: {} begins at byte {} of the data, {} is wanted: {}", path,
           shown(*extent.name), extent.begin, covered,
           extent.begin < covered ? "it overlaps the tensor before it" : "the bytes between belong to none");
    }
    covered = extent.end;
  }
  if (covered != data_bytes) {
    fail(ErrorCode::kBadFormat, "{}: has {} bytes after the last tensor, none are wanted", path,
         data_bytes - covered);
  }
}

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path, const FileSystem& files) {
  SafetensorsFile file;
  file.path_ = path;
  file.mapping_ = files.map(path);
  const std::string name = path.string();
  const std::string_view text = header_text(file.bytes(), name);
  const json header = parse_json(text, name + ": header", kMaxHeaderDepth);
  if (!header.is_object()) {
    fail(ErrorCode::kBadFormat, "{}: header: found {}, an object is wanted", name, shown(header));
  }

  const auto data = file.bytes().subspan(kLengthBytes + text.size());
  std::vector<Extent> extents;
  for (const auto& [key, entry] : header.items()) {
    if (key == "__metadata__") {
      check_metadata(entry, name);
      continue;
    }
    const EntryReader reader(entry, name + ": " + shown(key));
    TensorView tensor{reader.dtype(), reader.shape(), {}, file.mapping_};
    Extent extent = reader.extent(data.size());
    reader.check_size(extent, tensor.dtype, tensor.shape);
    tensor.bytes = data.subspan(extent.begin, extent.end - extent.begin);
    extent.name = &file.tensors_.emplace(key, std::move(tensor)).first->first;
    extents.push_back(extent);
  }
  check_cover(std::move(extents), data.size(), name);
  return file;
}

const TensorView* SafetensorsFile::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace tandem::checkpoint
