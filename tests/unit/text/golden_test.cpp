// Every id against the reference: tests/golden/make/tokenizer_cases.py says how the cases were made.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "model_files.h"
#include "text/tokenizer_loader.h"

namespace tandem::text {
namespace {

using nlohmann::json;

TokenizerKind kind_named(const std::string& name) {
  static const std::map<std::string, TokenizerKind> kinds = {
      {"wordpiece", TokenizerKind::kWordPiece},    {"clip", TokenizerKind::kClipBpe},
      {"roberta", TokenizerKind::kRobertaBpe},     {"siglip", TokenizerKind::kSiglip},
      {"xlm_roberta", TokenizerKind::kXlmRoberta}, {"plain", TokenizerKind::kPlainSentencePiece}};
  return kinds.at(name);
}

void expect_reference_ids(const std::filesystem::path& folder, const TokenizerOptions& options,
                          const json& texts) {
  ASSERT_FALSE(texts.empty());
  const auto tokenizer = load_tokenizer_files(folder, options);
  for (const json& text : texts) {
    const TokenIds ids = tokenizer->encode(text.at("text").get<std::string>());
    EXPECT_EQ(ids, text.at("input_ids").get<TokenIds>()) << text.at("text");
    EXPECT_LE(ids.size(), tokenizer->max_length());
    for (const std::int32_t id : ids) EXPECT_LT(static_cast<std::size_t>(id), tokenizer->vocabulary_size());
    if (!text.contains("padded_input_ids")) continue;
    TokenIds padded = ids;
    padded.resize(tokenizer->max_length(), tokenizer->padding_id().value());
    EXPECT_EQ(padded, text.at("padded_input_ids").get<TokenIds>()) << text.at("text");
  }
}

class GoldenTokenizer : public testing::TestWithParam<std::string> {
 protected:
  GoldenTokenizer()
      : folder_(golden_tokenizer(GetParam())), expected_(json::parse(read_text(folder_ / "expected.json"))) {
    options_.kind = kind_named(expected_.at("kind"));
    options_.max_length = expected_.at("max_length");
    options_.bos_id = 1;
    options_.eos_id = 2;
  }

  std::filesystem::path folder_;
  json expected_;
  TokenizerOptions options_;
};

TEST_P(GoldenTokenizer, GivesTheIdsOfTheReference) {
  expect_reference_ids(folder_, options_, expected_.at("texts"));
}

TEST_P(GoldenTokenizer, GivesTheSameIdsFromLegacyFiles) {
  ModelFiles files(folder_);
  files.remove("tokenizer.json");
  // Tokens that were added later stand in tokenizer.json alone.
  if (GetParam().ends_with("-added")) return;
  if (tokenizer_files(files.path(), options_.kind).empty()) return;
  expect_reference_ids(files.path(), options_, expected_.at("texts"));
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(golden_tokenizer(""))) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenTokenizer, testing::ValuesIn(golden_names()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

class GoldenModel : public testing::TestWithParam<std::pair<std::string, TokenizerKind>> {};

TEST_P(GoldenModel, GivesTheIdsOfTheReferenceFromBothKindsOfFiles) {
  const auto& [name, kind] = GetParam();
  const std::filesystem::path golden = std::filesystem::path(TANDEM_TEST_DATA) / name;
  const json expected = json::parse(read_text(golden / "expected.json"));
  const TokenizerOptions options{.kind = kind, .max_length = expected.at("max_length")};
  ModelFiles files(golden / "model");
  expect_reference_ids(files.path(), options, expected.at("texts"));
  files.remove("tokenizer.json");
  if (tokenizer_files(files.path(), kind).empty()) return;  // SigLIP 2 has no older files
  expect_reference_ids(files.path(), options, expected.at("texts"));
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenModel,
                         testing::Values(std::pair("blip-itm", TokenizerKind::kWordPiece),
                                         std::pair("clip-gelu", TokenizerKind::kClipBpe),
                                         std::pair("clip-quickgelu", TokenizerKind::kClipBpe),
                                         std::pair("altclip", TokenizerKind::kXlmRoberta),
                                         std::pair("siglip", TokenizerKind::kSiglip),
                                         std::pair("siglip2-fixed", TokenizerKind::kSiglip),
                                         std::pair("blip2-itm", TokenizerKind::kWordPiece),
                                         std::pair("vilt", TokenizerKind::kWordPiece),
                                         std::pair("bridgetower", TokenizerKind::kRobertaBpe)),
                         [](const auto& test) {
                           std::string name = test.param.first;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(GoldenDefaultModel, GivesTheIdsOfTheReference) {
  const auto expected = std::filesystem::path(TANDEM_TEST_DATA) / "tandem-default" / "expected.json";
  const TokenizerOptions options{
      .kind = TokenizerKind::kPlainSentencePiece, .max_length = 40, .bos_id = 0, .eos_id = 2};
  expect_reference_ids(std::filesystem::path(TANDEM_SOURCE_DIR) / "models" / "default", options,
                       json::parse(read_text(expected)).at("texts"));
}

}  // namespace
}  // namespace tandem::text
