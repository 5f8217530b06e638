#include "models/oscar/oscar.h"

#include <memory>
#include <optional>
#include <utility>

#include "models/single_stream/single_stream_config.h"

namespace tandem::models {
namespace {

// Defaults: those of the paper's models, which are BERT-base.
SingleStreamConfig read_config(const checkpoint::Config& config) {
  SingleStreamConfig defaults;
  defaults.vocabulary = 30522;
  defaults.positions = 512;
  defaults.segments = 2;
  defaults.tags = true;
  return read_single_stream(config, defaults);
}

// A linear map of the features and of the six numbers of the box, and a layer norm where there is one.
class OscarRegions final : public RegionEmbedding {
 public:
  OscarRegions(std::int64_t feature_width, std::int64_t width, std::optional<double> norm_eps) {
    linear_ = register_module("linear", nn::Linear(feature_width + 6, width));
    if (norm_eps) norm_ = register_module("norm", nn::LayerNorm(width, *norm_eps));
  }

  at::Tensor forward(const at::Tensor& features, const at::Tensor& boxes, const at::Tensor&) const override {
    const at::Tensor states = linear_->forward(at::cat({features, boxes}, -1));
    return norm_ ? norm_->forward(states) : states;
  }

 private:
  nn::Linear linear_ = nullptr;
  nn::LayerNorm norm_ = nullptr;
};

}  // namespace

text::TokenizerOptions oscar_tokenizer(const checkpoint::Config& config) {
  return single_stream_tokenizer(read_config(config), text::TokenizerKind::kWordPiece);
}

Blueprint build_oscar(const ModelFolder& folder, const ModelOptions&) {
  const SingleStreamConfig config = read_config(folder.config);
  std::optional<double> norm_eps;
  if (folder.config.get_bool("region_layer_norm", false)) {
    norm_eps = folder.config.get_float("region_layer_norm_eps", 1e-12);
  }
  auto regions = std::make_shared<OscarRegions>(config.feature_width, config.transformer.width, norm_eps);
  return single_stream_blueprint(
      config, std::move(regions),
      bert_names({{"regions.linear.", "img_embedding."}, {"regions.norm.", "LayerNorm."}}),
      {"embeddings.position_ids"});
}

}  // namespace tandem::models
