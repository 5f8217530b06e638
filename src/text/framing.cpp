#include "text/framing.h"

#include <algorithm>
#include <utility>

namespace tandem::text {

TokenizerOptions Framing::inner_options(TokenizerOptions options) {
  // Cut where the inner tokenizer would still have put its last token, that one goes.
  if (options.cut_last) ++options.max_length;
  return options;
}

Framing::Framing(std::shared_ptr<const Tokenizer> inner, const TokenizerOptions& options)
    : inner_(std::move(inner)),
      max_length_(std::min(options.max_length, inner_->max_length())),
      empty_is_first_(options.empty_is_first) {}

TokenIds Framing::encode(std::string_view text) const {
  TokenIds ids = inner_->encode(text);
  if (empty_is_first_ && text.empty()) {
    ids.resize(1);
  } else if (ids.size() > max_length_) {
    ids.resize(max_length_);
  }
  return ids;
}

}  // namespace tandem::text
