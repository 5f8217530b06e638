// BERT's tokenization: clean-up, words, and for each word the longest pieces from left to right.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "text/pipeline.h"
#include "text/vocabulary.h"

namespace tandem::text {

struct WordPieceOptions {
  bool lower_case = true;
  bool strip_accents = true;
  bool space_chinese = true;  // every CJK ideograph is a word
  std::string continuation = "##";
  std::size_t max_word_length = 100;  // in code points; longer words are unknown
};

class WordPiece final : public SubwordModel {
 public:
  WordPiece(Vocabulary vocabulary, std::int32_t unknown_id, WordPieceOptions options);

  std::string normalize(std::string_view text) const override;
  void encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const override;

 private:
  void encode_word(std::string_view word, TokenIds& ids) const;

  Vocabulary vocabulary_;
  std::int32_t unknown_id_;
  WordPieceOptions options_;
};

}  // namespace tandem::text
