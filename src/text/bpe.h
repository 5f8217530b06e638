// Byte-pair encoding: a word's symbols, merged pair by pair in the order of the merges' ranks.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tandem/text.h"
#include "text/vocabulary.h"

namespace tandem::text {

struct BpeOptions {
  std::string end_of_word;                 // appended to the last symbol of a word
  std::optional<std::int32_t> unknown_id;  // unset: unknown symbols are left out
  bool fuse_unknown = false;               // neighbouring unknown symbols become one
  bool byte_fallback = false;              // an unknown symbol becomes its bytes <0x00> to <0xFF>
};

class Bpe {
 public:
  using Merge = std::pair<std::string, std::string>;

  // `merges`: best first. Throws BadFormat, naming `source`, for a merge of pieces, or into a piece, that
  // the vocabulary does not have.
  Bpe(Vocabulary vocabulary, const std::vector<Merge>& merges, BpeOptions options, std::string_view source);

  const Vocabulary& vocabulary() const { return vocabulary_; }

  // Appends the ids of one word. Takes n log n time in its length.
  void encode_word(std::string_view word, TokenIds& ids) const;

 private:
  struct Rule {
    std::int32_t rank;
    std::int32_t merged_id;
  };

  const Rule* find_rule(std::int32_t left, std::int32_t right) const;
  TokenIds symbols_of(std::string_view word) const;
  bool append_bytes(std::string_view symbol, TokenIds& symbols) const;
  void merge(TokenIds& symbols) const;

  Vocabulary vocabulary_;
  BpeOptions options_;
  std::unordered_map<std::uint64_t, Rule> rules_;  // by both ids of a pair
};

}  // namespace tandem::text
