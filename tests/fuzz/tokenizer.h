// Loading a tokenizer from files in memory and trying it.
//
// A free function.
#pragma once

#include <string_view>

#include "fuzz.h"
#include "support/memory_files.h"
#include "text/tokenizer_loader.h"

namespace tandem::fuzz {

// What `tokenizer` makes of `text` keeps the promises of tandem/text.h.
inline void try_text(const Tokenizer& tokenizer, std::string_view text) {
  TokenIds ids;
  const bool encoded = accepts([&] { ids = tokenizer.encode(text); });
  require(encoded == !first_invalid_utf8(text), "all that is UTF-8 and nothing else is encoded");
  if (!encoded) return;
  require(!ids.empty() && ids.size() <= tokenizer.max_length(), "between one id and max_length");
  for (const auto id : ids) {
    require(id >= 0 && static_cast<std::size_t>(id) < tokenizer.vocabulary_size(),
            "ids are of the vocabulary");
  }
}

// Loads the tokenizer of folder "model" in `files`, where that is possible, and encodes `text`, a text that
// is known and none.
inline void try_tokenizer(const MemoryFiles& files, text::TokenizerKind kind, std::string_view text) {
  accepts([&] {
    const text::TokenizerOptions options{.kind = kind, .max_length = 24, .bos_id = 1, .eos_id = 2};
    const auto tokenizer = text::load_tokenizer_files("model", options, files);
    try_text(*tokenizer, text);
    try_text(*tokenizer, "A dog's ball [SEP] \u00c5 \u4e2d\u6587 \u2581 e\u0301 \U0001f436 <s>");
    try_text(*tokenizer, {});
  });
}

}  // namespace tandem::fuzz
