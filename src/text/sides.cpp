#include "text/sides.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "text/unicode.h"

namespace tandem::text {
namespace {

// Lower case, composed. `beginnings`: of words with any ending; `words`: whole ones, where a beginning would
// take in others ("rechteckig", "pravda").
struct SideWords {
  std::string_view language;
  std::vector<std::string_view> beginnings;
  std::vector<std::string_view> words;
};

const std::array<SideWords, 4>& side_words() {
  static const std::array<SideWords, 4> all = {{
      {"en", {"left", "right"}, {}},
      {"de",
       {"links", "rechts", "linker", "rechter", "halblinks", "halbrechts"},
       {"linke", "linken", "linkes", "linkem", "rechte", "rechten", "rechtes", "rechtem"}},
      {"fr", {"gauche", "gauchère", "droit"}, {}},
      {"cs",
       {"vlevo", "vpravo", "nalevo", "napravo", "doleva", "zleva", "zprava", "levák", "pravák", "levic",
        "pravic", "levoru", "pravoru", "levostra", "pravostra", "nejlevější", "nejpravější"},
       {"levý",   "levá",   "levé",   "levého",  "levému",  "levém", "levou",  "levým",   "levých",
        "levými", "leví",   "levej",  "levo",    "pravý",   "pravá", "pravé",  "pravého", "pravému",
        "pravém", "pravou", "pravým", "pravých", "pravými", "praví", "pravej", "pravo",   "doprava"}},
  }};
  return all;
}

bool names_side(std::string_view word, const SideWords& sides) {
  return std::ranges::find(sides.words, word) != sides.words.end() ||
         std::ranges::any_of(sides.beginnings, [&](std::string_view b) { return word.starts_with(b); });
}

}  // namespace

bool mentions_sides(std::string_view caption, std::string_view language) {
  const auto sides = std::ranges::find(side_words(), language, &SideWords::language);
  if (sides == side_words().end()) return true;
  const std::string text = compose(lower_text(caption));
  std::string word;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = next_code_point(text, position);
    if (is_word(c)) {
      append_code_point(c, word);
      continue;
    }
    if (names_side(word, *sides)) return true;
    word.clear();
  }
  return names_side(word, *sides);
}

}  // namespace tandem::text
