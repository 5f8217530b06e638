#include "text/xlm_roberta.h"

#include <algorithm>

#include "text/unicode.h"

namespace tandem::text {

void XlmRoberta::encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const {
  std::size_t word = 0;  // where the current word begins
  for (std::size_t position = 0; position < normalized.size() && ids.size() < limit;) {
    const std::size_t start = position;
    if (!is_white_space(next_code_point(normalized, position))) continue;
    encode_word(normalized.substr(word, start - word), limit, ids);
    word = position;
  }
  if (ids.size() < limit) encode_word(normalized.substr(word), limit, ids);
}

void XlmRoberta::encode_word(std::string_view word, std::size_t limit, TokenIds& ids) const {
  if (word.empty()) return;
  std::string marked(word);
  if (add_prefix_space_ && !word.starts_with(kSpaceMark)) marked.insert(0, kSpaceMark);
  // A space mark within the word begins a word of its own.
  for (std::size_t begin = 0; begin < marked.size() && ids.size() < limit;) {
    const std::size_t end = std::min(marked.find(kSpaceMark, begin + 1), marked.size());
    encode_stretch(std::string_view(marked).substr(begin, end - begin), ids);
    begin = end;
  }
}

void XlmRoberta::encode_stretch(std::string_view stretch, TokenIds& ids) const {
  bool after_unknown = false;
  for (const auto& piece : unigram_.cut(stretch)) {
    const bool unknown = piece.id == unknown_id_;
    if (!(unknown && after_unknown)) ids.push_back(piece.id);
    after_unknown = unknown;
  }
}

}  // namespace tandem::text
