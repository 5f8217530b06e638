#include "models/m3p/m3p.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/single_stream/single_stream_config.h"

namespace tandem::models {
namespace {

// Defaults: the sizes that the paper's code has fixed.
SingleStreamConfig read_config(const checkpoint::Config& config) {
  SingleStreamConfig defaults;
  defaults.vocabulary = 250002;
  defaults.positions = 514;
  defaults.regions_first = true;
  return read_single_stream(config, defaults);
}

// The norm of the sum of two linear maps: of the features, and of the box's corners with its area.
class M3pRegions final : public RegionEmbedding {
 public:
  M3pRegions(std::int64_t feature_width, std::int64_t width, double eps) {
    linear_ = register_module("linear", nn::Linear(feature_width, width));
    box_linear_ = register_module("box_linear", nn::Linear(5, width));
    norm_ = register_module("norm", nn::LayerNorm(width, eps));
  }

  at::Tensor forward(const at::Tensor& features, const at::Tensor& boxes, const at::Tensor&) const override {
    const at::Tensor area = boxes.select(-1, 4) * boxes.select(-1, 5);
    const at::Tensor five = at::cat({boxes.slice(-1, 0, 4), area.unsqueeze(-1)}, -1);
    return norm_->forward(linear_->forward(features) + box_linear_->forward(five));
  }

 private:
  nn::Linear linear_ = nullptr;
  nn::Linear box_linear_ = nullptr;
  nn::LayerNorm norm_ = nullptr;
};

// The paper's code keeps the layers' parts in lists: the number stands behind the part's name.
NameMap names(std::int64_t layers) {
  std::vector<NameSection> sections = {{"words.", "embeddings."},
                                       {"positions.", "position_embeddings."},
                                       {"words_norm.", "layer_norm_emb."},
                                       {"regions.linear.", "image_embeddings.image_embeddings."},
                                       {"regions.box_linear.", "image_embeddings.image_location_embeddings."},
                                       {"regions.norm.", "image_embeddings.LayerNorm."},
                                       {"pooler.", "pooled_layer.dense."}};
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string ours = fmt::format("layers.{}.", i);
    const std::string number = fmt::format(".{}.", i);
    sections.push_back({ours + "attention.",
                        "attentions" + number,
                        {{"qkv", {"q_lin", "k_lin", "v_lin"}}, {"output", {"out_lin"}}}});
    sections.push_back({ours + "norm1.", "layer_norm1" + number});
    sections.push_back({ours + "norm2.", "layer_norm2" + number});
    sections.push_back({ours, "ffns" + number, {{"up", {"lin1"}}, {"down", {"lin2"}}}});
  }
  return NameMap(std::move(sections));
}

}  // namespace

text::TokenizerOptions m3p_tokenizer(const checkpoint::Config& config) {
  return single_stream_tokenizer(read_config(config), text::TokenizerKind::kXlmRoberta);
}

Blueprint build_m3p(const ModelFolder& folder, const ModelOptions&) {
  const SingleStreamConfig config = read_config(folder.config);
  auto regions =
      std::make_shared<M3pRegions>(config.feature_width, config.transformer.width, config.transformer.eps);
  // What other tasks than retrieval read.
  return single_stream_blueprint(
      config, std::move(regions), names(config.transformer.layers),
      {"refine_embeddings.*", "cross_alignment.*", "encoder_attn.*", "layer_norm15.*", "seq_relationship.*",
       "mrfr_dense.*", "transformer_obj.*", "image_embeddings.image_distbution_embeddings.*",
       "cross_lang_embeddings.*", "pred_layer.*"});
}

}  // namespace tandem::models
