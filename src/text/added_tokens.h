// Tokens that are found in the text as they stand, before any sub-word model sees it: "[SEP]",
// "<|endoftext|>".
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace tandem::text {

struct AddedToken {
  std::string content;
  std::int32_t id = 0;
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // takes the white space behind it
  bool single_word = false;  // only where no word character touches it
  bool normalized = false;   // is looked for in the normalised text
};

class AddedTokens {
 public:
  // Tokens with different contents; empty contents are never found.
  explicit AddedTokens(std::vector<AddedToken> tokens);

  // A stretch of the text; one with an id is an added token.
  struct Part {
    std::string_view text;
    std::optional<std::int32_t> id;
  };
  // The text in parts, none of them empty, from left to right: at each place the longest token. The parts
  // look into `text`.
  std::vector<Part> split(std::string_view text) const;

 private:
  // The token that begins at `position`, the longest of several; null if there is none.
  const AddedToken* longest_at(std::string_view text, std::size_t position) const;

  std::vector<AddedToken> tokens_;
  Vocabulary contents_;  // id: position in tokens_
};

}  // namespace tandem::text
