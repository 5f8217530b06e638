#include "text/loaders.h"
#include "text/vocabulary_files.h"
#include "text/wordpiece.h"

namespace tandem::text {
namespace {

using nlohmann::json;

constexpr std::string_view kWordPieceVocabulary = "vocab.txt";

// BERT's class takes these from tokenizer_config.json, whatever tokenizer.json says.
WordPieceOptions options_of_class(const TokenizerConfig& config) {
  WordPieceOptions options;
  options.lower_case = config.flag("do_lower_case", true);
  options.strip_accents = config.optional_flag("strip_accents").value_or(options.lower_case);
  options.space_chinese = config.flag("tokenize_chinese_chars", true);
  return options;
}

// What tokenizer.json says of the model, and of the normaliser too where the folder asks for that.
void apply(const TokenizerJson& file, bool with_normalizer, WordPieceOptions& options) {
  for (const json& normalizer : file.components("normalizer")) {
    if (normalizer.value("type", "") != "BertNormalizer" || !normalizer.value("clean_text", true)) {
      file.unsupported("normalizer", normalizer);
    }
    if (!with_normalizer) continue;
    options.lower_case = normalizer.value("lowercase", true);
    const json strip = normalizer.value("strip_accents", json());
    options.strip_accents = strip.is_boolean() ? strip.get<bool>() : options.lower_case;
    options.space_chinese = normalizer.value("handle_chinese_chars", true);
  }
  for (const json& splitter : file.components("pre_tokenizer")) {
    if (splitter.value("type", "") != "BertPreTokenizer") file.unsupported("pre_tokenizer", splitter);
  }
  options.continuation = file.model_string("continuing_subword_prefix", options.continuation);
  options.max_word_length = file.model().value("max_input_chars_per_word", options.max_word_length);
}

TokenizerPointer assemble(Vocabulary vocabulary, WordPieceOptions options, const std::string& source,
                          const TokenizerConfig& config, const TokenizerJson* file, std::size_t max_length) {
  const auto added = config.added_tokens(file ? file->added_tokens() : AddedTokensById(), vocabulary);
  const auto id_of = [&](const char* name) {
    return require_token(config.special_token(name), added, vocabulary, source);
  };
  const std::int32_t unknown = id_of("unk_token");
  Frame frame{{id_of("cls_token")}, {id_of("sep_token")}};
  if (file) frame = agreed_frame(std::move(frame), *file, config);
  const std::size_t ids = count_ids(vocabulary, added);
  return std::make_shared<PipelineTokenizer>(
      std::make_unique<WordPiece>(std::move(vocabulary), unknown, std::move(options)), added,
      std::move(frame), ids, config.max_length(max_length));
}

}  // namespace

TokenizerPointer load_wordpiece(const ModelFolder& folder, std::size_t max_length) {
  const TokenizerConfig config(folder, {{"unk_token", "[UNK]"},
                                        {"sep_token", "[SEP]"},
                                        {"pad_token", "[PAD]"},
                                        {"cls_token", "[CLS]"},
                                        {"mask_token", "[MASK]"}});
  WordPieceOptions options = options_of_class(config);
  if (folder.has(TokenizerJson::kFile)) {
    const TokenizerJson file(folder, "WordPiece");
    apply(file, config.tokenizer_json_rules(), options);
    return assemble(file.vocabulary(), std::move(options), file.source(), config, &file, max_length);
  }
  const std::string source = folder.path(kWordPieceVocabulary);
  return assemble(parse_vocabulary_lines(folder.utf8(kWordPieceVocabulary), source), std::move(options),
                  source, config, nullptr, max_length);
}

}  // namespace tandem::text
