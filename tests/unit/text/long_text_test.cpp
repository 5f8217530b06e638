// Texts far beyond any caption. A quadratic step would take minutes and run into the test's time limit.
#include <gtest/gtest.h>

#include "model_files.h"
#include "text/tokenizer_loader.h"

namespace tandem::text {
namespace {

// Sanitizers look at memory, which a tenth of the length shows as well.
constexpr std::size_t kLong = TANDEM_SANITIZED ? 20'000 : 200'000;

std::string repeated(std::string_view unit) {
  std::string text;
  while (text.size() < kLong) text += unit;
  return text;
}

class LongText : public testing::TestWithParam<std::pair<std::string, TokenizerKind>> {};

TEST_P(LongText, IsEncodedToTheFullLength) {
  // No truncation: all of the text is worked on.
  const auto tokenizer =
      load_tokenizer_files(golden_tokenizer(GetParam().first),
                           {.kind = GetParam().second, .max_length = 10 * kLong, .bos_id = 1, .eos_id = 2});
  for (const std::string_view unit :
       {"a", "ab", "a dog ", "! ", "犬", "e\u0301", "\u0301", "\t", "[SEP]", "</s>", "▁", "🏖"}) {
    EXPECT_FALSE(tokenizer->encode(repeated(unit)).empty()) << unit;
  }
}

TEST_P(LongText, BeginsLikeItsOwnBeginning) {
  const TokenizerOptions options{.kind = GetParam().second, .max_length = 12, .bos_id = 1, .eos_id = 2};
  const auto tokenizer = load_tokenizer_files(golden_tokenizer(GetParam().first), options);
  const std::string text = repeated("a small dog runs. ");
  EXPECT_EQ(tokenizer->encode(text), tokenizer->encode(text.substr(0, 180)));
}

INSTANTIATE_TEST_SUITE_P(Kinds, LongText,
                         testing::Values(std::pair("bert-cased", TokenizerKind::kWordPiece),
                                         std::pair("clip-small", TokenizerKind::kClipBpe),
                                         std::pair("roberta-added", TokenizerKind::kRobertaBpe),
                                         std::pair("siglip2-fixed", TokenizerKind::kSiglip),
                                         std::pair("siglip-cased", TokenizerKind::kSiglip),
                                         std::pair("siglip-bytes", TokenizerKind::kSiglip),
                                         std::pair("xlm-roberta-added", TokenizerKind::kXlmRoberta),
                                         std::pair("plain-unigram", TokenizerKind::kPlainSentencePiece),
                                         std::pair("plain-bpe-bytes", TokenizerKind::kPlainSentencePiece)),
                         [](const auto& test) {
                           std::string name = test.param.first;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace tandem::text
