#include "text/tokenizer_loader.h"

#include <algorithm>
#include <string_view>

#include "core/fail.h"
#include "text/framing.h"
#include "text/loaders.h"

namespace tandem::text {
namespace {

constexpr std::string_view kConfigFiles[] = {"added_tokens.json", "special_tokens_map.json",
                                             "tokenizer_config.json"};

// The files of a kind that hold its vocabulary: `preferred` alone where it is there, else `others`.
struct VocabularyFiles {
  std::string_view preferred;
  std::vector<std::string_view> others;
};

VocabularyFiles vocabulary_files(TokenizerKind kind) {
  switch (kind) {
    case TokenizerKind::kWordPiece:
      return {"tokenizer.json", {"vocab.txt"}};
    case TokenizerKind::kClipBpe:
    case TokenizerKind::kRobertaBpe:
      return {"tokenizer.json", {"merges.txt", "vocab.json"}};
    case TokenizerKind::kSiglip:
      return {"spiece.model", {"tokenizer.json"}};
    case TokenizerKind::kXlmRoberta:
      return {"tokenizer.json", {"sentencepiece.bpe.model"}};
    case TokenizerKind::kPlainSentencePiece:
      return {"sentencepiece.model", {}};
  }
  fail(ErrorCode::kInvalidArgument, "tokenizer: no such kind: {}", static_cast<int>(kind));
}

void require_vocabulary_files(const ModelFolder& folder, TokenizerKind kind) {
  const VocabularyFiles names = vocabulary_files(kind);
  if (folder.has(names.preferred)) return;
  const auto has = [&](std::string_view name) { return folder.has(name); };
  if (!names.others.empty() && std::ranges::all_of(names.others, has)) return;
  std::string wanted(names.preferred);
  for (const std::string_view name : names.others) {
    wanted += (name == names.others.front() ? ", or " : " and ") + std::string(name);
  }
  fail(ErrorCode::kNotFound, "{}: no tokenizer files; wanted {}", folder.path(""), wanted);
}

TokenizerPointer load(const ModelFolder& folder, const TokenizerOptions& options) {
  switch (options.kind) {
    case TokenizerKind::kWordPiece:
      return load_wordpiece(folder, options.max_length);
    case TokenizerKind::kClipBpe:
      return load_clip(folder, options.max_length);
    case TokenizerKind::kRobertaBpe:
      return load_roberta(folder, options.max_length);
    case TokenizerKind::kSiglip:
      return load_siglip(folder, options.max_length);
    case TokenizerKind::kXlmRoberta:
      return load_xlm_roberta(folder, options.max_length);
    case TokenizerKind::kPlainSentencePiece:
      return load_plain_sentencepiece(folder, options);
  }
  fail(ErrorCode::kInvalidArgument, "tokenizer: no such kind: {}", static_cast<int>(options.kind));
}

}  // namespace

std::shared_ptr<const Tokenizer> load_tokenizer_files(const std::filesystem::path& folder,
                                                      const TokenizerOptions& options,
                                                      const FileSystem& files) {
  const ModelFolder model_folder(folder, files);
  require_vocabulary_files(model_folder, options.kind);
  const bool other_framing = options.empty_is_first || options.cut_last;
  try {
    return other_framing
               ? std::make_shared<Framing>(load(model_folder, Framing::inner_options(options)), options)
               : load(model_folder, options);
  } catch (const nlohmann::json::exception& error) {
    // A value of another type than its place wants, of which there are too many to look at one by one.
    fail(ErrorCode::kBadFormat, "{}: the tokenizer's JSON has a value of the wrong type: {}", folder.string(),
         error.what());
  }
}

std::vector<std::filesystem::path> tokenizer_files(const std::filesystem::path& folder, TokenizerKind kind,
                                                   const FileSystem& files) {
  const ModelFolder model_folder(folder, files);
  const VocabularyFiles names = vocabulary_files(kind);
  std::vector<std::filesystem::path> paths;
  const auto add = [&](std::string_view name) {
    if (model_folder.has(name)) paths.push_back(folder / name);
  };
  add(names.preferred);
  if (paths.empty()) std::ranges::for_each(names.others, add);
  if (!paths.empty() && kind != TokenizerKind::kPlainSentencePiece) std::ranges::for_each(kConfigFiles, add);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace tandem::text
