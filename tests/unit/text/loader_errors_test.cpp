// What a loader must refuse, one by one.
#include <gtest/gtest.h>

#include "model_files.h"
#include "support/expect_error.h"
#include "text/tokenizer_loader.h"

namespace tandem::text {
namespace {

using nlohmann::json;

void load(const ModelFiles& files, TokenizerKind kind) {
  load_tokenizer_files(files.path(), {.kind = kind, .max_length = 40, .bos_id = 1, .eos_id = 2});
}

// Changes one JSON file of a folder that loads without the change.
template <typename Change>
void expect_refused(const std::string& golden, TokenizerKind kind, const std::string& name, Change change,
                    ErrorCode code, std::initializer_list<const char*> words) {
  const ModelFiles files(golden_tokenizer(golden));
  ASSERT_NO_THROW(load(files, kind));
  json content = files.json(name);
  change(content);
  files.write_json(name, content);
  expect_error(code, words, [&] { load(files, kind); });
}

TEST(TokenizerLoader, MissingFilesAreNamed) {
  const ModelFiles empty;
  expect_error(ErrorCode::kNotFound, {"tokenizer.json, or vocab.txt"},
               [&] { load(empty, TokenizerKind::kWordPiece); });
  expect_error(ErrorCode::kNotFound, {"merges.txt and vocab.json"},
               [&] { load(empty, TokenizerKind::kClipBpe); });
  expect_error(ErrorCode::kNotFound, {"spiece.model"}, [&] { load(empty, TokenizerKind::kSiglip); });
  expect_error(ErrorCode::kNotFound, {"sentencepiece.bpe.model"},
               [&] { load(empty, TokenizerKind::kXlmRoberta); });
  expect_error(ErrorCode::kNotFound, {"sentencepiece.model"},
               [&] { load(empty, TokenizerKind::kPlainSentencePiece); });
  expect_error(ErrorCode::kNotFound, {"no-such-folder"}, [] {
    load_tokenizer_files("no-such-folder", {.kind = TokenizerKind::kWordPiece, .max_length = 9});
  });
}

TEST(TokenizerLoader, AFolderInPlaceOfAFileIsRefused) {
  const ModelFiles files;
  std::filesystem::create_directory(files.path() / "tokenizer.json");
  expect_error(ErrorCode::kInvalidArgument, {"tokenizer.json", "folder"},
               [&] { load(files, TokenizerKind::kWordPiece); });
}

TEST(TokenizerLoader, BrokenJsonIsRefused) {
  const ModelFiles files(golden_tokenizer("bert-cased"));
  for (const char* text : {"", "{", "{\"model\": }", "[1]", "3", "{} x", "{\"a\": \"\\ud800\"}"}) {
    files.write("tokenizer.json", std::string(text));
    expect_error(ErrorCode::kBadFormat, {"tokenizer.json", "JSON"},
                 [&] { load(files, TokenizerKind::kWordPiece); });
  }
  files.write("tokenizer.json", std::string("{}"));
  expect_error(ErrorCode::kBadFormat, {"tokenizer.json", "model"},
               [&] { load(files, TokenizerKind::kWordPiece); });
}

TEST(TokenizerLoader, DeeplyNestedJsonIsRefused) {
  const ModelFiles files(golden_tokenizer("bert-cased"));
  for (const std::size_t depth : {std::size_t{100}, std::size_t{10'000}, std::size_t{1'000'000}}) {
    files.write("tokenizer.json", std::string(depth, '['));
    expect_error(ErrorCode::kBadFormat, {"tokenizer.json", "nested"},
                 [&] { load(files, TokenizerKind::kWordPiece); });
    files.write("tokenizer.json", "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}");
    expect_error(ErrorCode::kBadFormat, {"tokenizer.json", "nested"},
                 [&] { load(files, TokenizerKind::kWordPiece); });
  }
}

TEST(TokenizerLoader, InvalidUtf8InVocabulariesIsRefused) {
  const ModelFiles bert(golden_tokenizer("bert-cased"));
  bert.remove("tokenizer.json");
  bert.write("vocab.txt", bert.text("vocab.txt") + "bad\xFF\n");
  expect_error(ErrorCode::kBadFormat, {"vocab.txt", "UTF-8"}, [&] { load(bert, TokenizerKind::kWordPiece); });
  const ModelFiles clip(golden_tokenizer("clip-small"));
  clip.remove("tokenizer.json");
  clip.write("merges.txt", "#version: 0.2\na \xC3\n");
  expect_error(ErrorCode::kBadFormat, {"merges.txt", "UTF-8"}, [&] { load(clip, TokenizerKind::kClipBpe); });
}

TEST(TokenizerLoader, AFileBeyondTheBoundIsRefused) {
  const ModelFiles files(golden_tokenizer("bert-cased"));
  files.remove("tokenizer.json");
  std::filesystem::resize_file(files.path() / "vocab.txt", std::uintmax_t{1} << 40);
  expect_error(ErrorCode::kBadFormat, {"vocab.txt", "bytes"},
               [&] { load(files, TokenizerKind::kWordPiece); });
}

TEST(TokenizerLoader, AVocabularyWithHolesOrDuplicatesIsRefused) {
  const auto hole = [](json& file) { file["model"]["vocab"]["zzz"] = 1'000'000; };
  const auto shared = [](json& file) { file["model"]["vocab"]["zzz"] = 7; };
  expect_refused("bert-cased", TokenizerKind::kWordPiece, "tokenizer.json", hole, ErrorCode::kBadFormat,
                 {"tokenizer.json", "\"zzz\"", "1000000"});
  expect_refused("clip-small", TokenizerKind::kClipBpe, "tokenizer.json", shared, ErrorCode::kBadFormat,
                 {"tokenizer.json", "id 7"});
  const ModelFiles files(golden_tokenizer("bert-cased"));
  files.remove("tokenizer.json");
  files.write("vocab.txt", files.text("vocab.txt") + "[SEP]\n");
  expect_error(ErrorCode::kBadFormat, {"vocab.txt", "[SEP]"},
               [&] { load(files, TokenizerKind::kWordPiece); });
}

TEST(TokenizerLoader, MergesThatNameUnknownPiecesAreRefused) {
  const ModelFiles files(golden_tokenizer("clip-small"));
  files.remove("tokenizer.json");
  const std::string merges = files.text("merges.txt");
  files.write("merges.txt", merges + "zq qz\n");
  expect_error(ErrorCode::kBadFormat, {"merges.txt", "\"zq\""},
               [&] { load(files, TokenizerKind::kClipBpe); });
  files.write("merges.txt", merges + "lonely\n");
  expect_error(ErrorCode::kBadFormat, {"merges.txt", "\"lonely\"", "two pieces"},
               [&] { load(files, TokenizerKind::kClipBpe); });
}

TEST(TokenizerLoader, AGemmaTokenizerThatWouldLeaveAnEmptyTextWithoutIdsIsRefused) {
  expect_refused("siglip2-fixed", TokenizerKind::kSiglip, "tokenizer.json",
                 [](json& file) { file.erase("post_processor"); }, ErrorCode::kBadFormat,
                 {"tokenizer.json", "post_processor"});
}

TEST(TokenizerLoader, AMissingSpecialTokenIsRefused) {
  const ModelFiles files(golden_tokenizer("bert-cased"));
  files.remove("tokenizer.json");
  files.remove("tokenizer_config.json");
  files.write("vocab.txt", std::string("[PAD]\n[UNK]\n[CLS]\ndog\n"));
  expect_error(ErrorCode::kBadFormat, {"vocab.txt", "[SEP]"},
               [&] { load(files, TokenizerKind::kWordPiece); });
}

TEST(TokenizerLoader, UnknownComponentsAreRefusedByName) {
  const auto set = [](const char* kind, json component) {
    return [kind, component](json& file) { file[kind] = component; };
  };
  expect_refused("bert-cased", TokenizerKind::kWordPiece, "tokenizer.json",
                 set("normalizer", {{"type", "Nmt"}}), ErrorCode::kUnsupported, {"normalizer", "Nmt"});
  expect_refused("bert-cased", TokenizerKind::kWordPiece, "tokenizer.json",
                 set("pre_tokenizer", {{"type", "Digits"}}), ErrorCode::kUnsupported,
                 {"pre_tokenizer", "Digits"});
  expect_refused("clip-small", TokenizerKind::kClipBpe, "tokenizer.json",
                 set("normalizer", {{"type", "NFKC"}}), ErrorCode::kUnsupported, {"normalizer", "NFKC"});
  expect_refused("clip-small", TokenizerKind::kClipBpe, "tokenizer.json",
                 set("pre_tokenizer", {{"type", "Split"}, {"pattern", {{"Regex", "x"}}}}),
                 ErrorCode::kUnsupported, {"pre_tokenizer", "Split"});
  expect_refused("xlm-roberta-added", TokenizerKind::kXlmRoberta, "tokenizer.json",
                 set("normalizer", {{"type", "Sequence"}, {"normalizers", {{{"type", "Lowercase"}}}}}),
                 ErrorCode::kUnsupported, {"normalizer", "Lowercase"});
  expect_refused("roberta-added", TokenizerKind::kRobertaBpe, "tokenizer.json",
                 set("normalizer", {{"type", "NFC"}}), ErrorCode::kUnsupported, {"normalizer", "NFC"});
  expect_refused("roberta-added", TokenizerKind::kRobertaBpe, "tokenizer.json",
                 set("post_processor", {{"type", "Mystery"}}), ErrorCode::kUnsupported,
                 {"post_processor", "Mystery"});
}

TEST(TokenizerLoader, UnknownModelsAndSettingsAreRefused) {
  expect_refused("bert-cased", TokenizerKind::kWordPiece, "tokenizer.json",
                 [](json& file) { file["model"]["type"] = "WordLevel"; }, ErrorCode::kUnsupported,
                 {"WordLevel", "WordPiece"});
  expect_refused("clip-small", TokenizerKind::kClipBpe, "tokenizer.json",
                 [](json& file) { file["model"]["dropout"] = 0.1; }, ErrorCode::kUnsupported,
                 {"dropout", "0.1"});
  expect_refused("xlm-roberta-added", TokenizerKind::kXlmRoberta, "tokenizer.json",
                 [](json& file) { file["model"]["byte_fallback"] = true; }, ErrorCode::kUnsupported,
                 {"byte_fallback"});
  expect_refused("bert-cased", TokenizerKind::kWordPiece, "tokenizer_config.json",
                 [](json& file) { file["truncation_side"] = "left"; }, ErrorCode::kUnsupported,
                 {"tokenizer_config.json", "truncation_side"});
  expect_refused("bert-cased", TokenizerKind::kWordPiece, "tokenizer.json",
                 [](json& file) { file["post_processor"]["single"].erase(0); }, ErrorCode::kUnsupported,
                 {"post_processor"});
}

TEST(TokenizerLoader, ValuesOfAnotherTypeAreRefused) {
  const auto refused = [](const char* name, auto change) {
    expect_refused("bert-cased", TokenizerKind::kWordPiece, name, change, ErrorCode::kBadFormat, {});
  };
  refused("tokenizer.json", [](json& file) { file["model"]["vocab"] = 3; });
  refused("tokenizer.json", [](json& file) { file["model"]["vocab"]["dog"] = "x"; });
  refused("tokenizer.json", [](json& file) { file["model"]["max_input_chars_per_word"] = "x"; });
  refused("tokenizer.json", [](json& file) { file["model"]["continuing_subword_prefix"] = 3; });
  refused("tokenizer.json", [](json& file) { file["normalizer"] = 3; });
  refused("tokenizer.json", [](json& file) { file["added_tokens"] = {3}; });
  refused("tokenizer.json", [](json& file) { file["added_tokens"][0].erase("id"); });
  refused("tokenizer.json", [](json& file) { file["post_processor"]["single"] = {3}; });
  refused("tokenizer_config.json", [](json& file) { file["do_lower_case"] = "yes"; });
  refused("tokenizer_config.json", [](json& file) { file["cls_token"] = 3; });
  refused("tokenizer_config.json", [](json& file) { file["model_max_length"] = "long"; });
  refused("tokenizer_config.json", [](json& file) {
    file["added_tokens_decoder"] = {{"x", {{"content", "y"}}}};
  });
  expect_refused("xlm-roberta-added", TokenizerKind::kXlmRoberta, "tokenizer.json",
                 [](json& file) { file["model"]["vocab"][5] = {"x"}; }, ErrorCode::kBadFormat, {"entry 5"});
  expect_refused("xlm-roberta-added", TokenizerKind::kXlmRoberta, "tokenizer.json",
                 [](json& file) { file["normalizer"]["precompiled_charsmap"] = "???"; },
                 ErrorCode::kBadFormat, {"Base64"});
}

TEST(TokenizerLoader, AddedTokensOfAnotherModelAreRefused) {
  expect_refused("bert-older-files", TokenizerKind::kWordPiece, "tokenizer_config.json",
                 [](json& file) {
                   file["added_tokens_decoder"]["77"] = {{"content", "[NEW]"}};
                 },
                 ErrorCode::kBadFormat, {"tokenizer_config.json", "\"[NEW]\"", "77"});
}

}  // namespace
}  // namespace tandem::text
