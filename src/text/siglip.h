// SigLIP's tokenization: lower case, no punctuation, single spaces, then SentencePiece, then one </s>.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tandem/text.h"
#include "text/added_tokens.h"
#include "text/sentencepiece_model.h"

namespace tandem::text {

struct SiglipOptions {
  bool lower_case = true;
  std::string unknown_token = "<unk>";
  std::int32_t space_id = -1;  // of the mark of a space alone
  std::int32_t end_id = 1;
  std::int32_t padding_id = 1;
  std::size_t max_length = 64;
  std::size_t vocabulary_size = 0;
};

class SiglipTokenizer final : public Tokenizer {
 public:
  // Throws InvalidArgument if max_length does not hold the last token.
  SiglipTokenizer(SentencePieceModel model, std::vector<AddedToken> added, SiglipOptions options);

  TokenIds encode(std::string_view text) const override;
  std::size_t vocabulary_size() const override { return options_.vocabulary_size; }
  std::size_t max_length() const override { return options_.max_length; }
  std::optional<std::int32_t> padding_id() const override { return options_.padding_id; }

 private:
  void encode_between_tokens(std::string_view text, TokenIds& ids) const;

  SentencePieceModel model_;
  AddedTokens added_;
  SiglipOptions options_;
  std::size_t unknown_token_length_;  // in pieces, when it is read as plain text
};

}  // namespace tandem::text
