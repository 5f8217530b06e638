// Byte-level BPE: words are cut out of the text, their bytes are written as printable characters, and
// those go through BPE. CLIP's way and that of GPT-2 and RoBERTa.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "text/bpe.h"
#include "text/pipeline.h"

namespace tandem::text {

// What both share: spelling words by bytes.
class ByteLevelBpe {
 public:
  explicit ByteLevelBpe(Bpe bpe);
  void encode_word(std::string_view word, TokenIds& ids) const;

 private:
  Bpe bpe_;
  std::array<std::string, 256> spelling_;  // of each byte
};

// CLIP: composed (NFC), white space collapsed, lower case; words without the spaces between them.
class ClipBpe final : public SubwordModel {
 public:
  explicit ClipBpe(Bpe bpe) : bpe_(std::move(bpe)) {}
  std::string normalize(std::string_view text) const override;
  void encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const override;

 private:
  ByteLevelBpe bpe_;
};

// GPT-2 and RoBERTa: the text as it is; a word begins with the space before it.
class Gpt2Bpe final : public SubwordModel {
 public:
  Gpt2Bpe(Bpe bpe, bool add_prefix_space) : bpe_(std::move(bpe)), add_prefix_space_(add_prefix_space) {}
  std::string normalize(std::string_view text) const override { return std::string(text); }
  void encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const override;

 private:
  ByteLevelBpe bpe_;
  bool add_prefix_space_;
};

}  // namespace tandem::text
