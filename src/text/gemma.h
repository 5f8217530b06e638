// Gemma's tokenization, as SigLIP 2 has it: spaces become U+2581, and the whole text is one word of a BPE
// over characters whose unknown characters fall back to bytes.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "text/bpe.h"
#include "text/pipeline.h"

namespace tandem::text {

class GemmaBpe final : public SubwordModel {
 public:
  GemmaBpe(Bpe bpe, bool lower_case) : bpe_(std::move(bpe)), lower_case_(lower_case) {}

  std::string normalize(std::string_view text) const override;
  void encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const override;

 private:
  Bpe bpe_;
  bool lower_case_;
};

}  // namespace tandem::text
