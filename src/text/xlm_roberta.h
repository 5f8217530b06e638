// XLM-R's tokenization: SentencePiece's character replacements and Unigram pieces, word by word.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "text/charsmap.h"
#include "text/pipeline.h"
#include "text/unigram.h"

namespace tandem::text {

class XlmRoberta final : public SubwordModel {
 public:
  XlmRoberta(Unigram<double> unigram, std::int32_t unknown_id, Charsmap charsmap, bool add_prefix_space)
      : unigram_(std::move(unigram)),
        unknown_id_(unknown_id),
        charsmap_(std::move(charsmap)),
        add_prefix_space_(add_prefix_space) {}

  std::string normalize(std::string_view text) const override { return charsmap_.normalize(text); }
  void encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const override;

 private:
  // Text without white space.
  void encode_word(std::string_view word, std::size_t limit, TokenIds& ids) const;
  // Text without a space mark but at its start. Neighbouring unknown characters become one unknown id.
  void encode_stretch(std::string_view stretch, TokenIds& ids) const;

  Unigram<double> unigram_;
  std::int32_t unknown_id_;
  Charsmap charsmap_;
  bool add_prefix_space_;
};

}  // namespace tandem::text
