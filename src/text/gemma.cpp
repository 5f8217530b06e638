#include "text/gemma.h"

#include "text/unicode.h"

namespace tandem::text {

std::string GemmaBpe::normalize(std::string_view text) const {
  const std::string cased = lower_case_ ? lower_code_points(text) : std::string(text);
  std::string result;
  result.reserve(cased.size());
  for (const char byte : cased) {
    if (byte == ' ') {
      result += kSpaceMark;
    } else {
      result += byte;
    }
  }
  return result;
}

void GemmaBpe::encode(std::string_view normalized, std::size_t /*limit*/, TokenIds& ids) const {
  bpe_.encode_word(normalized, ids);
}

}  // namespace tandem::text
