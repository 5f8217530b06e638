#include <gtest/gtest.h>

#include "model_files.h"
#include "support/expect_error.h"
#include "text/tokenizer_loader.h"

namespace tandem::text {
namespace {

std::vector<std::string> names(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::string> result;
  for (const auto& path : paths) result.push_back(path.filename().string());
  return result;
}

using Names = std::vector<std::string>;

TEST(TokenizerFiles, AreThoseThatAreRead) {
  const ModelFiles files(golden_tokenizer("clip-older-files"));
  EXPECT_EQ(names(tokenizer_files(files.path(), TokenizerKind::kClipBpe)),
            (Names{"special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"}));
  files.remove("tokenizer.json");
  EXPECT_EQ(names(tokenizer_files(files.path(), TokenizerKind::kClipBpe)),
            (Names{"merges.txt", "special_tokens_map.json", "tokenizer_config.json", "vocab.json"}));
  EXPECT_TRUE(tokenizer_files(files.path(), TokenizerKind::kXlmRoberta).empty());
}

TEST(TokenizerOptions, TheSmallerLengthHolds) {
  const ModelFiles files(golden_tokenizer("bert-cased"));
  const auto length = [&](std::size_t limit) {
    return load_tokenizer_files(files.path(), {.kind = TokenizerKind::kWordPiece, .max_length = limit})
        ->max_length();
  };
  EXPECT_EQ(length(512), 512u) << "1e30 in the file means no limit";
  auto config = files.json("tokenizer_config.json");
  config["model_max_length"] = 40;
  files.write_json("tokenizer_config.json", config);
  EXPECT_EQ(length(512), 40u);
  EXPECT_EQ(length(17), 17u);
  EXPECT_EQ(length(2), 2u) << "special tokens only";
  expect_error(ErrorCode::kInvalidArgument, {"max_length is 1", "2 special tokens"}, [&] { length(1); });
}

TEST(TokenizerOptions, TextIsCutToTheLengthAndKeepsItsLastToken) {
  for (const std::size_t limit : {2, 3, 17, 33}) {
    const auto tokenizer = load_tokenizer_files(golden_tokenizer("bert-cased"),
                                                {.kind = TokenizerKind::kWordPiece, .max_length = limit});
    const TokenIds ids = tokenizer->encode(std::string(1000, '!'));
    ASSERT_EQ(ids.size(), limit);
    EXPECT_EQ(ids.back(), tokenizer->encode("").back());
  }
}

TEST(TokenizerOptions, InvalidUtf8IsRefusedByEveryKind) {
  const std::pair<const char*, TokenizerKind> cases[] = {
      {"bert-cased", TokenizerKind::kWordPiece},
      {"clip-small", TokenizerKind::kClipBpe},
      {"roberta-added", TokenizerKind::kRobertaBpe},
      {"siglip-cased", TokenizerKind::kSiglip},
      {"xlm-roberta-added", TokenizerKind::kXlmRoberta},
      {"plain-unigram", TokenizerKind::kPlainSentencePiece}};
  for (const auto& [name, kind] : cases) {
    const auto tokenizer = load_tokenizer_files(golden_tokenizer(name), {.kind = kind, .max_length = 10});
    expect_error(ErrorCode::kInvalidArgument, {"invalid UTF-8 at byte 2"},
                 [&] { tokenizer->encode("ab\xFF"); });
  }
}

}  // namespace
}  // namespace tandem::text
