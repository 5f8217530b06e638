#include "regions/npy.h"

#include <charconv>
#include <cstring>

#include "checkpoint/json.h"
#include "checkpoint/pickle_names.h"
#include "checkpoint/strided.h"
#include "core/fail.h"
#include "core/utf8.h"

namespace tandem::regions {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeader = 1 << 16;

// The header is a Python dict in one form: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 48), }
class Header {
 public:
  Header(std::string_view text, const std::string& place) : text_(text), place_(place) {}

  std::string_view descr() const {
    const std::string_view quoted = value("'descr':");
    const std::size_t end = quoted.find('\'', 1);
    if (!quoted.starts_with('\'') || end == quoted.npos) refuse("a structure");
    return quoted.substr(1, end - 1);
  }

  checkpoint::DType dtype() const {
    const std::string_view name = descr();
    if (name.starts_with('>')) refuse("big-endian numbers");
    const auto known = checkpoint::find_numpy_dtype(name.empty() ? name : name.substr(1));
    if (!known) refuse("values of type " + checkpoint::shown(printable_utf8(name)));
    return *known;
  }

  bool fortran() const {
    const std::string_view found = value("'fortran_order':");
    if (!found.starts_with("True") && !found.starts_with("False")) reject("fortran_order");
    return found.starts_with("True");
  }

  checkpoint::Shape shape() const {
    std::string_view rest = value("'shape':");
    const std::size_t end = rest.find(')');
    if (!rest.starts_with('(') || end == rest.npos) reject("shape");
    rest = rest.substr(1, end - 1);
    checkpoint::Shape shape;
    while (!(rest = without_blanks(rest)).empty()) {
      std::int64_t size = 0;
      const auto number = std::from_chars(rest.data(), rest.data() + rest.size(), size);
      if (number.ec != std::errc() || size < 0) reject("shape");
      shape.push_back(size);
      rest = without_blanks(rest.substr(static_cast<std::size_t>(number.ptr - rest.data())));
      if (rest.empty()) break;
      if (!rest.starts_with(',')) reject("shape");
      rest.remove_prefix(1);
    }
    return shape;
  }

 private:
  static std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    return first == text.npos ? std::string_view() : text.substr(first);
  }

  std::string_view value(const char* key) const {
    const std::size_t found = text_.find(key);
    if (found == text_.npos) reject(key);
    return without_blanks(text_.substr(found + std::strlen(key)));
  }

  [[noreturn]] void reject(const char* what) const {
    fail(ErrorCode::kBadFormat, "{}: the header of the array has no good {}; is the file whole?", place_,
         what);
  }
  [[noreturn]] void refuse(const std::string& what) const {
    fail(ErrorCode::kUnsupported, "{}: {}, little-endian numbers are wanted; save it as float32", place_,
         what);
  }

  std::string_view text_;
  const std::string& place_;
};

}  // namespace

checkpoint::TensorView read_npy(const checkpoint::StoredBytes& file, const std::string& place) {
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  const std::size_t length_bytes = text.size() > 6 && text[6] > 1 ? 4 : 2;
  const std::size_t before = kMagic.size() + 2 + length_bytes;
  if (!text.starts_with(kMagic) || text.size() < before) {
    fail(ErrorCode::kBadFormat, "{}: not an array of numpy; is the file whole?", place);
  }
  std::uint32_t length = 0;
  std::memcpy(&length, text.data() + before - length_bytes, length_bytes);
  if (length > kMaxHeader || length > text.size() - before) {
    fail(ErrorCode::kBadFormat, "{}: a header of {} bytes; is the file whole?", place, length);
  }
  const Header header(text.substr(before, length), place);
  checkpoint::Strided layout{header.dtype(), header.shape(), {}, 0};
  layout.strides = checkpoint::dense_strides(layout.shape, header.fortran());
  const auto data = file.bytes.subspan(before + length);
  const auto count = checkpoint::extent(layout);
  if (!count || *count * checkpoint::byte_width(layout.dtype) != data.size()) {
    fail(ErrorCode::kBadFormat, "{}: {} bytes for an array {}; is the file whole?", place, data.size(),
         checkpoint::to_string(layout.shape));
  }
  return checkpoint::row_major(layout, {data, file.owner}, place);
}

}  // namespace tandem::regions
