// SentencePiece's table of character replacements (precompiled_charsmap): a double-array trie from UTF-8
// prefixes to replacements.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::text {

class Charsmap {
 public:
  // An empty blob replaces nothing. Throws BadFormat, naming `source`, for a blob that is cut short or whose
  // trie leads out of itself.
  Charsmap(std::string_view blob, std::string_view source);

  // Replaces grapheme by grapheme, as the reference does: a grapheme of up to 5 bytes as a whole, by the
  // shortest prefix of it that the table has; what that does not catch code point by code point.
  std::string normalize(std::string_view text) const;

 private:
  std::optional<std::string_view> replacement(std::string_view chunk) const;
  void check(std::string_view source) const;

  std::vector<std::uint32_t> units_;
  std::string replacements_;  // each ends with a zero byte
};

}  // namespace tandem::text
