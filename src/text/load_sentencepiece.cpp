#include "core/fail.h"
#include "text/loaders.h"
#include "text/plain_sentencepiece.h"
#include "text/sentencepiece_contents.h"
#include "text/sentencepiece_model.h"
#include "text/siglip.h"

namespace tandem::text {
namespace {

constexpr std::string_view kPlainFile = "sentencepiece.model";
constexpr std::string_view kSiglipFile = "spiece.model";

Vocabulary vocabulary_of(const SentencePieceContents& contents, const std::string& source) {
  std::vector<std::string> pieces;
  for (const auto& piece : contents.pieces) pieces.push_back(piece.text);
  return Vocabulary(std::move(pieces), source);
}

}  // namespace

TokenizerPointer load_siglip(const ModelFolder& folder, std::size_t max_length) {
  if (!folder.has(kSiglipFile) && folder.has(TokenizerJson::kFile)) return load_gemma(folder, max_length);
  const TokenizerConfig config(folder,
                               {{"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "</s>"}});
  const std::string source = folder.path(kSiglipFile);
  const std::string bytes = folder.bytes(kSiglipFile);
  SentencePieceModel model(bytes, source);
  const Vocabulary vocabulary = vocabulary_of(parse_sentencepiece_model(bytes, source), source);
  std::vector<AddedToken> added = config.added_tokens({}, vocabulary);
  SiglipOptions options;
  options.lower_case = config.flag("do_lower_case", true);
  options.unknown_token = config.special_token("unk_token");
  options.space_id = vocabulary.find("▁").value_or(model.unknown_id());
  options.end_id = require_token(config.special_token("eos_token"), added, vocabulary, source);
  options.padding_id = require_token(config.special_token("pad_token"), added, vocabulary, source);
  options.max_length = config.max_length(max_length);
  options.vocabulary_size = count_ids(vocabulary, added);
  return std::make_shared<SiglipTokenizer>(std::move(model), std::move(added), std::move(options));
}

TokenizerPointer load_plain_sentencepiece(const ModelFolder& folder, const TokenizerOptions& options) {
  return std::make_shared<PlainSentencePiece>(
      SentencePieceModel(folder.bytes(kPlainFile), folder.path(kPlainFile)), options.bos_id, options.eos_id,
      options.max_length);
}

}  // namespace tandem::text
