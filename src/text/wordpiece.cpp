#include "text/wordpiece.h"

#include <utility>

#include "text/unicode.h"

namespace tandem::text {
namespace {

bool is_line_space(char32_t c) { return c == U'\t' || c == U'\n' || c == U'\r'; }

// The blocks that the original BERT calls Chinese. One begins at U+2B920 and not at U+2B820, where the
// block does, because the reference has it so.
bool is_chinese(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x2F800 && c <= 0x2FA1F);
}

// Drops control characters, turns white space into spaces, sets ideographs apart.
std::string clean(std::string_view text, bool space_chinese) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = next_code_point(text, position);
    if (is_line_space(c)) {
      result += ' ';
    } else if (c == 0 || c == 0xFFFD || is_bert_control(c)) {
      continue;
    } else if (is_white_space(c)) {
      result += ' ';
    } else if (space_chinese && is_chinese(c)) {
      result += ' ';
      append_code_point(c, result);
      result += ' ';
    } else {
      append_code_point(c, result);
    }
  }
  return result;
}

}  // namespace

WordPiece::WordPiece(Vocabulary vocabulary, std::int32_t unknown_id, WordPieceOptions options)
    : vocabulary_(std::move(vocabulary)), unknown_id_(unknown_id), options_(std::move(options)) {}

std::string WordPiece::normalize(std::string_view text) const {
  std::string result = clean(text, options_.space_chinese);
  if (options_.strip_accents) result = strip_accents(result);
  if (options_.lower_case) result = lower_code_points(result);
  return result;
}

void WordPiece::encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const {
  std::size_t word = 0;  // where the current word begins
  for (std::size_t position = 0; position < normalized.size() && ids.size() < limit;) {
    const std::size_t start = position;
    const char32_t c = next_code_point(normalized, position);
    const bool punctuation = is_bert_punctuation(c);
    if (!punctuation && !is_white_space(c)) continue;
    encode_word(normalized.substr(word, start - word), ids);
    if (punctuation) encode_word(normalized.substr(start, position - start), ids);
    word = position;
  }
  if (ids.size() < limit) encode_word(normalized.substr(word), ids);
}

void WordPiece::encode_word(std::string_view word, TokenIds& ids) const {
  if (word.empty()) return;
  if (count_code_points(word) > options_.max_word_length) {
    ids.push_back(unknown_id_);
    return;
  }
  const std::size_t first = ids.size();
  for (std::size_t start = 0; start < word.size();) {
    Vocabulary::Walk walk = vocabulary_.walk();
    bool possible = true;
    if (start > 0) {
      for (const char byte : options_.continuation) possible = possible && walk.advance(byte);
    }
    std::size_t end = start;  // of the longest piece
    for (std::size_t position = start; possible && position < word.size();) {
      possible = walk.advance(word[position++]);
      if (const auto id = walk.id()) {
        if (end > start) ids.pop_back();
        ids.push_back(*id);
        end = position;
      }
    }
    if (end == start) {  // no piece fits: the whole word is unknown
      ids.resize(first);
      ids.push_back(unknown_id_);
      return;
    }
    start = end;
  }
}

}  // namespace tandem::text
