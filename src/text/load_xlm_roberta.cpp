#include <algorithm>
#include <cmath>

#include "core/base64.h"
#include "core/fail.h"
#include "text/loaders.h"
#include "text/sentencepiece_contents.h"
#include "text/shown.h"
#include "text/xlm_roberta.h"

namespace tandem::text {
namespace {

using nlohmann::json;
using Contents = SentencePieceContents;

constexpr std::string_view kModelFile = "sentencepiece.bpe.model";

// What both kinds of files come down to.
struct UnigramFiles {
  std::string source;
  Vocabulary vocabulary;
  std::vector<double> scores;
  std::int32_t unknown_id;
  std::string charsmap;
};

UnigramFiles read_pieces(const TokenizerJson& file) {
  file.require_model_value("byte_fallback", false);
  const json& model = file.model();
  std::vector<std::string> pieces;
  std::vector<double> scores;
  for (const json& entry : model.value("vocab", json::array())) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number() ||
        !std::isfinite(entry[1].get<double>())) {
      fail(ErrorCode::kBadFormat, "{}: entry {} of the vocabulary is {}, wanted [piece, score]",
           file.source(), pieces.size(), entry.dump());
    }
    pieces.push_back(entry[0].get<std::string>());
    scores.push_back(entry[1].get<double>());
  }
  const json unknown = model.value("unk_id", json());
  if (!unknown.is_number_unsigned() || unknown.get<std::size_t>() >= pieces.size()) {
    fail(ErrorCode::kBadFormat, "{}: unk_id is {}, wanted a number below the {} pieces", file.source(),
         unknown.dump(), pieces.size());
  }
  return {file.source(), Vocabulary(std::move(pieces), file.source()), std::move(scores),
          unknown.get<std::int32_t>(), ""};
}

// The charsmap that the normaliser names; "" without one.
std::string read_charsmap(const TokenizerJson& file) {
  std::string charsmap;
  for (const json& normalizer : file.components("normalizer")) {
    const std::string type = normalizer.value("type", "");
    // Collapsing spaces is without effect: words are cut at white space.
    if (type == "Replace" && normalizer.value("pattern", json::object()).value("Regex", json()) == " {2,}")
      continue;
    const json blob = normalizer.value("precompiled_charsmap", json());
    if (type != "Precompiled" || !charsmap.empty()) file.unsupported("normalizer", normalizer);
    const auto bytes = blob.is_string() ? decode_base64(blob.get<std::string>()) : std::nullopt;
    if (!bytes) fail(ErrorCode::kBadFormat, "{}: precompiled_charsmap is not Base64", file.source());
    charsmap = *bytes;
  }
  return charsmap;
}

void require_splitters(const TokenizerJson& file) {
  for (const json& splitter : file.components("pre_tokenizer")) {
    const std::string type = splitter.value("type", "");
    const bool known =
        type == "WhitespaceSplit" ||
        (type == "Metaspace" && splitter.value("replacement", "▁") == "▁" && splitter.value("split", true) &&
         splitter.value("prepend_scheme", "always") != "first");
    if (!known) file.unsupported("pre_tokenizer", splitter);
  }
}

// XLM-R puts four special pieces of its own before the file's pieces from the fourth on, so that those move
// up by one id, and <mask> behind them.
UnigramFiles read_model_file(const ModelFolder& folder, const TokenizerConfig& config,
                             const Contents& contents) {
  const std::string source = folder.path(kModelFile);
  if (contents.model_type != Contents::ModelType::kUnigram) {
    fail(ErrorCode::kUnsupported, "{}: a SentencePiece model of type {}; XLM-R wants Unigram (1)", source,
         static_cast<int>(contents.model_type));
  }
  std::vector<std::string> pieces;
  std::vector<double> scores;
  const auto add = [&](const std::string& piece, double score) {
    if (!std::isfinite(score)) {
      fail(ErrorCode::kBadFormat, "{}: the piece {} has a score that is not finite", source, shown(piece));
    }
    pieces.push_back(piece);
    scores.push_back(score);
  };
  for (const char* name : {"bos_token", "pad_token", "eos_token", "unk_token"})
    add(config.special_token(name), 0);
  constexpr std::int32_t kUnknownId = 3;
  for (std::size_t i = 3; i < contents.pieces.size(); ++i)
    add(contents.pieces[i].text, contents.pieces[i].score);
  add(config.special_token("mask_token"), 0);
  return {source, Vocabulary(std::move(pieces), source), std::move(scores), kUnknownId, contents.charsmap};
}

// Symbols that the file's maker wanted kept whole; a list in tokenizer_config.json stands in their place.
void add_user_symbols(const Contents& contents, const TokenizerConfig& config, const Vocabulary& vocabulary,
                      std::vector<AddedToken>& added) {
  if (config.has("extra_special_tokens")) return;
  for (const Contents::Piece& piece : contents.pieces) {
    const auto id = vocabulary.find(piece.text);
    const bool known = std::ranges::find(added, piece.text, &AddedToken::content) != added.end();
    if (piece.type != Contents::PieceType::kUserDefined || !id || known) continue;
    added.push_back({.content = piece.text, .id = *id});
  }
}

TokenizerPointer assemble(UnigramFiles files, std::vector<AddedToken> added, const TokenizerConfig& config,
                          const TokenizerJson* file, std::size_t max_length) {
  const auto id_of = [&](const char* name) {
    return require_token(config.special_token(name), added, files.vocabulary, files.source);
  };
  Frame frame{{id_of("bos_token")}, {id_of("eos_token")}};
  if (file) frame = agreed_frame(std::move(frame), *file, config);
  const std::size_t ids = count_ids(files.vocabulary, added);
  const double unknown_score = std::ranges::min(files.scores) - kUnknownPenalty;
  Unigram<double> unigram(std::move(files.vocabulary), std::move(files.scores), files.unknown_id,
                          unknown_score);
  return std::make_shared<PipelineTokenizer>(
      std::make_unique<XlmRoberta>(std::move(unigram), files.unknown_id,
                                   Charsmap(files.charsmap, files.source),
                                   config.flag("add_prefix_space", true)),
      added, std::move(frame), ids, config.max_length(max_length));
}

}  // namespace

TokenizerPointer load_xlm_roberta(const ModelFolder& folder, std::size_t max_length) {
  const TokenizerConfig config(folder, roberta_tokens());
  if (folder.has(TokenizerJson::kFile)) {
    const TokenizerJson file(folder, "Unigram");
    require_splitters(file);
    UnigramFiles files = read_pieces(file);
    files.charsmap = read_charsmap(file);
    auto added = config.added_tokens(file.added_tokens(), files.vocabulary);
    return assemble(std::move(files), std::move(added), config, &file, max_length);
  }
  const Contents contents = parse_sentencepiece_model(folder.bytes(kModelFile), folder.path(kModelFile));
  UnigramFiles files = read_model_file(folder, config, contents);
  auto added = config.added_tokens({}, files.vocabulary);
  add_user_symbols(contents, config, files.vocabulary, added);
  return assemble(std::move(files), std::move(added), config, nullptr, max_length);
}

}  // namespace tandem::text
