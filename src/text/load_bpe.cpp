#include <array>

#include "core/fail.h"
#include "text/byte_level.h"
#include "text/gemma.h"
#include "text/loaders.h"
#include "text/vocabulary_files.h"

namespace tandem::text {
namespace {

using nlohmann::json;

constexpr std::string_view kBpeVocabulary = "vocab.json";
constexpr std::string_view kMergesFile = "merges.txt";

// A BPE model as its files give it, with the tokens to be cut out of the text.
struct BpeFiles {
  std::string source;
  Vocabulary vocabulary;
  std::vector<Bpe::Merge> merges;
  std::vector<AddedToken> added;

  std::int32_t id_of(const std::string& content) const {
    return require_token(content, added, vocabulary, source);
  }
};

BpeFiles read(const TokenizerJson& file, const TokenizerConfig& config) {
  Vocabulary vocabulary = file.vocabulary();
  std::vector<AddedToken> added = config.added_tokens(file.added_tokens(), vocabulary);
  return {file.source(), std::move(vocabulary), file.merges(), std::move(added)};
}

BpeFiles read_legacy(const ModelFolder& folder, const TokenizerConfig& config) {
  Vocabulary vocabulary = parse_vocabulary(folder.json(kBpeVocabulary), folder.path(kBpeVocabulary));
  std::vector<AddedToken> added = config.added_tokens({}, vocabulary);
  const std::string source = folder.path(kMergesFile);
  return {source, std::move(vocabulary), parse_merge_lines(folder.utf8(kMergesFile), source),
          std::move(added)};
}

struct Limits {
  std::size_t max_length = 0;
  std::optional<std::int32_t> padding_id = {};
};

template <typename Model, typename... Args>
TokenizerPointer assemble(BpeFiles files, BpeOptions options, Frame frame, const Limits& limits,
                          Args... model_args) {
  const std::size_t ids = count_ids(files.vocabulary, files.added);
  Bpe bpe(std::move(files.vocabulary), files.merges, std::move(options), files.source);
  return std::make_shared<PipelineTokenizer>(std::make_unique<Model>(std::move(bpe), model_args...),
                                             files.added, std::move(frame), ids, limits.max_length,
                                             limits.padding_id);
}

// What every BPE of ours wants of the model's fields.
void require_plain_bpe(const TokenizerJson& file, const BpeOptions& options) {
  file.require_model_value("dropout", json());
  file.require_model_value("continuing_subword_prefix", "");
  file.require_model_value("end_of_word_suffix", options.end_of_word);
  file.require_model_value("fuse_unk", options.fuse_unknown);
  file.require_model_value("byte_fallback", options.byte_fallback);
  file.require_model_value("ignore_merges", false);
}

void require_components(const TokenizerJson& file, const std::string& kind, bool (*is_known)(const json&)) {
  for (const json& component : file.components(kind)) {
    if (!component.is_object() || !is_known(component)) file.unsupported(kind, component);
  }
}

bool is_type(const json& component, const char* type) { return component.value("type", json()) == type; }

json pattern_of(const json& component, const char* kind) {
  return component.value("pattern", json::object()).value(kind, json());
}

bool is_clip_normalizer(const json& component) {
  if (is_type(component, "Replace")) {
    return pattern_of(component, "Regex") == "\\s+" && component.value("content", json()) == " ";
  }
  return is_type(component, "NFC") || is_type(component, "Lowercase");
}

bool is_clip_splitter(const json& component) {
  // Older files leave the special tokens out of the pattern; added tokens find them all the same.
  const std::string words = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
  if (is_type(component, "Split")) {
    const json pattern = pattern_of(component, "Regex");
    return (pattern == words || pattern == "<\\|startoftext\\|>|<\\|endoftext\\|>|" + words) &&
           component.value("behavior", json()) == "Removed" && component.value("invert", json()) == true;
  }
  return is_type(component, "ByteLevel") && component.value("add_prefix_space", json()) == false;
}

bool is_byte_level(const json& component) {
  return is_type(component, "ByteLevel") && component.value("use_regex", json(true)) == true;
}

bool is_gemma_normalizer(const json& component) {
  return is_type(component, "Lowercase") ||
         (is_type(component, "Replace") && pattern_of(component, "String") == " " &&
          component.value("content", json()) == "▁");
}

bool is_gemma_splitter(const json& component) {
  // Without effect: the normaliser leaves no space to split at.
  return is_type(component, "Split") && pattern_of(component, "String") == " " &&
         component.value("behavior", json()) == "MergedWithPrevious";
}

}  // namespace

TokenizerPointer load_clip(const ModelFolder& folder, std::size_t max_length) {
  const TokenizerConfig config(folder, {{"unk_token", "<|endoftext|>"},
                                        {"bos_token", "<|startoftext|>"},
                                        {"eos_token", "<|endoftext|>"},
                                        {"pad_token", "<|endoftext|>"}});
  BpeOptions options;
  options.end_of_word = "</w>";
  const auto finish = [&](BpeFiles files, const TokenizerJson* file) {
    options.unknown_id = files.id_of(config.special_token("unk_token"));
    Frame frame{{files.id_of(config.special_token("bos_token"))},
                {files.id_of(config.special_token("eos_token"))}};
    if (file) frame = agreed_frame(std::move(frame), *file, config);
    return assemble<ClipBpe>(std::move(files), options, std::move(frame), {config.max_length(max_length)});
  };
  if (!folder.has(TokenizerJson::kFile)) return finish(read_legacy(folder, config), nullptr);
  const TokenizerJson file(folder, "BPE");
  require_plain_bpe(file, options);
  require_components(file, "normalizer", is_clip_normalizer);
  require_components(file, "pre_tokenizer", is_clip_splitter);
  return finish(read(file, config), &file);
}

TokenizerPointer load_roberta(const ModelFolder& folder, std::size_t max_length) {
  const TokenizerConfig config(folder, roberta_tokens());
  bool add_prefix_space = config.flag("add_prefix_space", false);
  const auto finish = [&](BpeFiles files, const TokenizerJson* file) {
    Frame frame{{files.id_of(config.special_token("cls_token"))},
                {files.id_of(config.special_token("sep_token"))}};
    if (file) frame = agreed_frame(std::move(frame), *file, config);
    return assemble<Gpt2Bpe>(std::move(files), {}, std::move(frame), {config.max_length(max_length)},
                             add_prefix_space);
  };
  if (!folder.has(TokenizerJson::kFile)) return finish(read_legacy(folder, config), nullptr);
  const TokenizerJson file(folder, "BPE");
  require_plain_bpe(file, {});
  require_components(file, "normalizer", [](const json&) { return false; });
  require_components(file, "pre_tokenizer", is_byte_level);
  if (config.tokenizer_json_rules()) {
    for (const json& splitter : file.components("pre_tokenizer")) {
      add_prefix_space = splitter.value("add_prefix_space", add_prefix_space);
    }
  }
  return finish(read(file, config), &file);
}

TokenizerPointer load_gemma(const ModelFolder& folder, std::size_t max_length) {
  const TokenizerConfig config(folder, {{"unk_token", "<unk>"},
                                        {"bos_token", "<bos>"},
                                        {"eos_token", "<eos>"},
                                        {"pad_token", "<pad>"},
                                        {"mask_token", "<mask>"}});
  const TokenizerJson file(folder, "BPE");
  BpeOptions options{.end_of_word = "", .unknown_id = {}, .fuse_unknown = true, .byte_fallback = true};
  require_plain_bpe(file, options);
  require_components(file, "normalizer", is_gemma_normalizer);
  require_components(file, "pre_tokenizer", is_gemma_splitter);
  // SigLIP 2 was trained on lower-cased text; its folders say so in tokenizer_config.json only.
  bool lower_case = config.flag("do_lower_case", config.tokenizer_class() == "Siglip2Tokenizer");
  for (const json& component : file.components("normalizer")) {
    lower_case = lower_case || is_type(component, "Lowercase");
  }
  BpeFiles files = read(file, config);
  options.unknown_id = files.id_of(config.special_token("unk_token"));
  const Limits limits{config.max_length(max_length), files.id_of(config.special_token("pad_token"))};
  const Frame frame = file.frame().value_or(Frame());
  if (frame == Frame()) {
    fail(
        ErrorCode::kBadFormat,
        "{}: its post_processor puts no special token around a text, so that an empty one would have no ids; "
        "one is wanted",
        folder.path("tokenizer.json"));
  }
  return assemble<GemmaBpe>(std::move(files), options, frame, limits, lower_case);
}

}  // namespace tandem::text
