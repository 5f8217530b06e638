#include "text/word_splitter.h"

#include <array>

#include "text/unicode.h"

namespace tandem::text {
namespace {

enum class CharacterClass { kLetter, kNumber, kSpace, kOther };

CharacterClass class_of(char32_t c) {
  if (is_letter(c)) return CharacterClass::kLetter;
  if (is_number(c)) return CharacterClass::kNumber;
  return is_white_space(c) ? CharacterClass::kSpace : CharacterClass::kOther;
}

// The end of the run of characters of one class that begins at `position`.
std::size_t run_end(std::string_view text, std::size_t position, CharacterClass wanted) {
  for (std::size_t next = position; position < text.size(); position = next) {
    if (class_of(next_code_point(text, next)) != wanted) break;
  }
  return position;
}

// The end of the English contraction that begins at `position`, or `position`.
std::size_t contraction_end(std::string_view text, std::size_t position) {
  static constexpr std::array<std::string_view, 7> kContractions = {"'s", "'t",  "'re", "'ve",
                                                                    "'m", "'ll", "'d"};
  for (const std::string_view contraction : kContractions) {
    if (text.substr(position).starts_with(contraction)) return position + contraction.size();
  }
  return position;
}

}  // namespace

std::size_t clip_word_end(std::string_view text, std::size_t position) {
  for (const std::string_view special : {"<|startoftext|>", "<|endoftext|>"}) {
    if (text.substr(position).starts_with(special)) return position + special.size();
  }
  if (const std::size_t end = contraction_end(text, position); end > position) return end;
  std::size_t behind = position;
  switch (class_of(next_code_point(text, behind))) {
    case CharacterClass::kLetter:
      return run_end(text, position, CharacterClass::kLetter);
    case CharacterClass::kNumber:
      return behind;
    case CharacterClass::kOther:
      return run_end(text, position, CharacterClass::kOther);
    case CharacterClass::kSpace:
      break;
  }
  return position;
}

std::size_t gpt2_word_end(std::string_view text, std::size_t position) {
  if (const std::size_t end = contraction_end(text, position); end > position) return end;
  // One space may lead a word.
  const std::size_t start = position + (text[position] == ' ' ? 1 : 0);
  if (start < text.size()) {
    std::size_t behind = start;
    const CharacterClass kind = class_of(next_code_point(text, behind));
    if (kind != CharacterClass::kSpace) return run_end(text, start, kind);
  }
  // White space: all of it at the end of the text, else all but the last, which leads the next word.
  const std::size_t end = run_end(text, position, CharacterClass::kSpace);
  if (end == text.size()) return end;
  std::size_t last = position;
  for (std::size_t next = position; next < end;) {
    last = next;
    next_code_point(text, next);
  }
  return last > position ? last : end;
}

}  // namespace tandem::text
