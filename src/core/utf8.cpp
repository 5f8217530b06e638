#include "core/utf8.h"

#include <unicode/utf8.h>

#include "core/fail.h"

namespace tandem {
namespace {

bool is_control(UChar32 c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

std::string escaped(UChar32 c) {
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  return fmt::format("\\x{:02x}", c);
}

}  // namespace

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::size_t size = text.size();
  for (std::size_t i = 0; i < size;) {
    const std::size_t start = i;
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (c < 0) return start;
  }
  return std::nullopt;
}

void require_utf8(std::string_view text, std::string_view what) {
  if (const auto offset = first_invalid_utf8(text)) {
    fail(ErrorCode::kInvalidArgument, "{}: invalid UTF-8 at byte {}; give the text encoded as UTF-8", what,
         *offset);
  }
}

std::string printable_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::size_t size = text.size();
  std::string out;
  for (std::size_t i = 0; i < size;) {
    const std::size_t start = i;
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (c < 0) {
      out += "\xEF\xBF\xBD";
    } else if (is_control(c)) {
      out += escaped(c);
    } else {
      out.append(text.substr(start, i - start));
    }
  }
  return out;
}

}  // namespace tandem
