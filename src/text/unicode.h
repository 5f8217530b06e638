// Unicode as the tokenizers need it, by ICU: code points of UTF-8 text, their classes, case and normal forms.
//
// Free functions, safe to call from many threads at once. All text is well-formed UTF-8, which the callers
// have checked.
//
// The libraries that define the reference tokenizers carry Unicode tables of different ages. Where that
// shows, the function names the version, and newer characters count as unassigned.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::text {

inline constexpr std::string_view kSpaceMark = "▁";  // what SentencePiece writes for a space

// The code point at `position` (below text.size(), at its first byte); moves `position` behind it.
char32_t next_code_point(std::string_view text, std::size_t& position);
void append_code_point(char32_t code_point, std::string& text);
std::size_t count_code_points(std::string_view text);

bool is_white_space(char32_t c);         // White_Space
bool is_python_white_space(char32_t c);  // what str.isspace() and \s mean in Python: with U+001C to U+001F
bool is_letter(char32_t c);              // \p{L}
bool is_number(char32_t c);              // \p{N}
bool is_word(char32_t c);                // \w

// Classes as BERT's normaliser has them, Unicode 8.
bool is_bert_control(char32_t c);
bool is_bert_punctuation(char32_t c);

// Lower case of each code point on its own, so without a final sigma.
std::string lower_code_points(std::string_view text);
// Lower case of the whole text, with final sigma.
std::string lower_text(std::string_view text);

// Canonical composition, Unicode 9.
std::string compose(std::string_view text);
// Canonical decomposition (Unicode 9) without nonspacing marks (Mn, Unicode 8).
std::string strip_accents(std::string_view text);

// Byte offsets at which extended grapheme clusters end; the last one is text.size().
std::vector<std::size_t> grapheme_ends(std::string_view text);

}  // namespace tandem::text
