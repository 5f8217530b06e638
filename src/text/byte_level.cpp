#include "text/byte_level.h"

#include "text/unicode.h"
#include "text/word_splitter.h"

namespace tandem::text {
namespace {

bool is_printable_latin1(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

// GPT-2's alphabet: a byte that is a printable Latin-1 character stands for itself, the others are numbered
// from U+0100 on.
std::array<std::string, 256> byte_spellings() {
  std::array<std::string, 256> spellings;
  char32_t unprintable = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const char32_t c = is_printable_latin1(byte) ? static_cast<char32_t>(byte) : unprintable++;
    append_code_point(c, spellings[static_cast<std::size_t>(byte)]);
  }
  return spellings;
}

}  // namespace

ByteLevelBpe::ByteLevelBpe(Bpe bpe) : bpe_(std::move(bpe)), spelling_(byte_spellings()) {}

void ByteLevelBpe::encode_word(std::string_view word, TokenIds& ids) const {
  std::string spelled;
  for (const char byte : word) spelled += spelling_[static_cast<unsigned char>(byte)];
  bpe_.encode_word(spelled, ids);
}

std::string ClipBpe::normalize(std::string_view text) const {
  const std::string composed = compose(text);
  std::string collapsed;
  collapsed.reserve(composed.size());
  bool in_space = false;
  for (std::size_t position = 0; position < composed.size();) {
    const std::size_t start = position;
    const bool space = is_white_space(next_code_point(composed, position));
    if (!space) {
      collapsed.append(composed, start, position - start);
    } else if (!in_space) {
      collapsed += ' ';
    }
    in_space = space;
  }
  return lower_code_points(collapsed);
}

void ClipBpe::encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const {
  for (std::size_t position = 0; position < normalized.size() && ids.size() < limit;) {
    const std::size_t end = clip_word_end(normalized, position);
    if (end == position) {
      next_code_point(normalized, position);
      continue;
    }
    // The reference cuts CLIP's words once more by GPT-2's rule.
    const std::string_view word = normalized.substr(position, end - position);
    for (std::size_t begin = 0; begin < word.size();) {
      const std::size_t stop = gpt2_word_end(word, begin);
      bpe_.encode_word(word.substr(begin, stop - begin), ids);
      begin = stop;
    }
    position = end;
  }
}

void Gpt2Bpe::encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const {
  std::string text(normalized);
  if (add_prefix_space_ && !text.starts_with(' ')) text.insert(0, 1, ' ');
  for (std::size_t position = 0; position < text.size() && ids.size() < limit;) {
    const std::size_t end = gpt2_word_end(text, position);
    bpe_.encode_word(std::string_view(text).substr(position, end - position), ids);
    position = end;
  }
}

}  // namespace tandem::text
