// SentencePiece ids as they are, between a first and a last id.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "tandem/text.h"
#include "text/sentencepiece_model.h"

namespace tandem::text {

class PlainSentencePiece final : public Tokenizer {
 public:
  // Throws InvalidArgument for ids that the model does not have, and if max_length does not hold both.
  PlainSentencePiece(SentencePieceModel model, std::int32_t bos_id, std::int32_t eos_id,
                     std::size_t max_length);

  TokenIds encode(std::string_view text) const override;
  std::size_t vocabulary_size() const override { return model_.size(); }
  std::size_t max_length() const override { return max_length_; }

 private:
  SentencePieceModel model_;
  std::int32_t bos_id_;
  std::int32_t eos_id_;
  std::size_t max_length_;
};

}  // namespace tandem::text
