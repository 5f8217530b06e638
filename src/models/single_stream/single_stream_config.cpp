#include "models/single_stream/single_stream_config.h"

#include <algorithm>
#include <utility>

#include "models/bert_names.h"
#include "models/transformer_config.h"

namespace tandem::models {
namespace {

Pooling read_pooling(const checkpoint::Config& config) {
  Pooling pooling;
  for (const std::string& part : config.get_strings("pooling")) {
    if (part == "first") {
      pooling.first = true;
    } else if (part == "max") {
      pooling.max = true;
    } else if (part == "mean") {
      pooling.mean = true;
    } else if (part == "sum_by_root") {
      pooling.sum_by_root = true;
    } else {
      config.reject("pooling", "a list of \"first\", \"max\", \"mean\" and \"sum_by_root\"");
    }
  }
  if (pooling.parts() == 0) config.reject("pooling", "at least one way, or no such field");
  return pooling;
}

MatchHead read_match_head(const checkpoint::Config& head) {
  const std::string input = head.get_string("input", "pooled");
  if (input != "pooled" && input != "first") head.reject("input", "\"pooled\" or \"first\"");
  return {.pooled = input == "pooled", .hidden = head.get_int("hidden", 0, {0, 1 << 16})};
}

}  // namespace

SingleStreamConfig read_single_stream(const checkpoint::Config& config, SingleStreamConfig defaults) {
  SingleStreamConfig read = std::move(defaults);
  read.transformer = read_transformer_config(config, read.transformer);
  read.vocabulary = config.get_int("vocab_size", read.vocabulary);
  read.positions = config.get_int("max_position_embeddings", read.positions, {3, 1 << 16});
  if (read.segments > 0) read.segments = config.get_int("type_vocab_size", read.segments, {1, 1 << 10});
  read.feature_width = config.get_int("feature_width", read.feature_width, {1, 1 << 16});
  read.max_regions = config.get_int("max_regions", 50, {1, 1 << 16});
  const std::int64_t max_text = config.get_int("max_text_tokens", 128, {1, 1 << 16});
  // Two of the positions are for special tokens.
  read.max_text = std::min(max_text, read.positions - 2) + 2;
  if (read.regions_first) {
    if (read.max_regions > read.positions - 3) {
      config.reject("max_regions", "three less than max_position_embeddings, for a text");
    }
    read.max_text = std::min(read.max_text, read.positions - read.max_regions);
  }
  if (config.has("pooling")) read.pooling = read_pooling(config);
  if (const auto head = config.find_object("match_head")) read.match = read_match_head(*head);
  if (!read.pooling && !read.match)
    config.reject("pooling", "there, or match_head: a model without heads is of no use");
  return read;
}

NameMap bert_names(std::vector<NameSection> regions) {
  std::vector<NameSection> sections = {
      {"words.", "embeddings.word_embeddings."},          {"positions.", "embeddings.position_embeddings."},
      {"segments.", "embeddings.token_type_embeddings."}, {"words_norm.", "embeddings.LayerNorm."},
      {"layers.", "encoder.layer.", bert_layer_names()},  {"pooler.", "pooler.dense."}};
  sections.insert(sections.end(), std::make_move_iterator(regions.begin()),
                  std::make_move_iterator(regions.end()));
  return NameMap(std::move(sections));
}

Blueprint single_stream_blueprint(const SingleStreamConfig& config, std::shared_ptr<RegionEmbedding> regions,
                                  NameMap names, std::vector<std::string> ignored) {
  const bool two_layers = config.match && config.match->hidden > 0;
  const NameMap head = {{"match_hidden.", "classifier.0."},
                        {"match_out.", two_layers ? "classifier.2." : "classifier."}};
  // Checkpoints keep the pooler where no head reads it.
  if (!config.match || !config.match->pooled) ignored.push_back("pool*.dense.*");
  const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  Blueprint blueprint{.network = std::make_shared<SingleStreamNetwork>(config, regions),
                      .names = std::move(names) + head,
                      .ignored_weights = std::move(ignored),
                      .heads = {"pooler.*", "match_*"},
                      .images = RegionSpec{size(config.feature_width), size(config.max_regions), config.tags},
                      .vocabulary_size = size(config.vocabulary),
                      .capabilities = Capabilities{.embed_text = config.pooling.has_value(),
                                                   .embed_image = config.pooling.has_value(),
                                                   .match = config.match.has_value()},
                      .info = {}};
  ModelInfo& info = blueprint.info;
  if (config.pooling) info.embedding_dim = size(config.transformer.width * config.pooling->parts());
  if (config.match) {
    info.max_image_tokens = size(config.max_regions + (config.tags ? config.max_text : 0));
    info.image_token_width = size(config.transformer.width);
    info.rerank_by_default = true;
  }
  return blueprint;
}

text::TokenizerOptions single_stream_tokenizer(const SingleStreamConfig& config, text::TokenizerKind kind) {
  return {.kind = kind,
          .max_length = static_cast<std::size_t>(config.max_text),
          .empty_is_first = true,
          .cut_last = kind == text::TokenizerKind::kXlmRoberta};
}

}  // namespace tandem::models
