// The special tokens around a text, where a family puts them otherwise than its tokenizer does.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "tandem/text.h"
#include "text/tokenizer_loader.h"

namespace tandem::text {

class Framing final : public Tokenizer {
 public:
  // `inner` puts one special token before and one behind every text, and allows one token more than
  // `options` where cut_last is set.
  Framing(std::shared_ptr<const Tokenizer> inner, const TokenizerOptions& options);

  TokenIds encode(std::string_view text) const override;
  std::size_t vocabulary_size() const override { return inner_->vocabulary_size(); }
  std::size_t max_length() const override { return max_length_; }

  // What `inner` is to be loaded with.
  static TokenizerOptions inner_options(TokenizerOptions options);

 private:
  std::shared_ptr<const Tokenizer> inner_;
  std::size_t max_length_;
  bool empty_is_first_;
};

}  // namespace tandem::text
