#include "text/word_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tandem::text {
namespace {

using Words = std::vector<std::string>;

Words split(std::size_t (*word_end)(std::string_view, std::size_t), std::string_view text) {
  Words words;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t end = word_end(text, position);
    if (end > position) words.emplace_back(text.substr(position, end - position));
    position = end > position ? end : position + 1;
  }
  return words;
}

TEST(ClipWords, AreRunsOfLettersSingleNumbersAndRunsOfTheRest) {
  EXPECT_EQ(split(clip_word_end, "a dog's 42 ½!?"), (Words{"a", "dog", "'s", "4", "2", "½", "!?"}));
  EXPECT_EQ(split(clip_word_end, "we'll 'x"), (Words{"we", "'ll", "'", "x"}));
  EXPECT_EQ(split(clip_word_end, "<|endoftext|>a<|x"), (Words{"<|endoftext|>", "a", "<|", "x"}));
  EXPECT_EQ(split(clip_word_end, ""), Words{});
}

TEST(Gpt2Words, BeginWithTheSpaceBeforeThem) {
  EXPECT_EQ(split(gpt2_word_end, "a dog's 42 !?"), (Words{"a", " dog", "'s", " 42", " !?"}));
  EXPECT_EQ(split(gpt2_word_end, "a   b"), (Words{"a", "  ", " b"}));
  EXPECT_EQ(split(gpt2_word_end, "a\n\nb"), (Words{"a", "\n", "\n", "b"}));
  EXPECT_EQ(split(gpt2_word_end, "a  "), (Words{"a", "  "}));
  EXPECT_EQ(split(gpt2_word_end, " "), (Words{" "}));
}

}  // namespace
}  // namespace tandem::text
