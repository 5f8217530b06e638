#include "models/uniter/uniter.h"

#include <memory>
#include <utility>

#include "models/single_stream/single_stream_config.h"

namespace tandem::models {
namespace {

// Defaults: those of the published base models.
SingleStreamConfig read_config(const checkpoint::Config& config) {
  SingleStreamConfig defaults;
  defaults.vocabulary = 28996;
  defaults.positions = 512;
  defaults.segments = 2;
  SingleStreamConfig read = read_single_stream(config, defaults);
  if (read.segments < 2) config.reject("type_vocab_size", "at least 2: regions have segment 1");
  return read;
}

// Features and box (with its area) each by a linear map and a layer norm; their sum with segment 1, normed.
class UniterRegions final : public RegionEmbedding {
 public:
  UniterRegions(std::int64_t feature_width, std::int64_t width, double eps) {
    linear_ = register_module("linear", nn::Linear(feature_width, width));
    norm_ = register_module("norm", nn::LayerNorm(width, eps));
    box_linear_ = register_module("box_linear", nn::Linear(7, width));
    box_norm_ = register_module("box_norm", nn::LayerNorm(width, eps));
    sum_norm_ = register_module("sum_norm", nn::LayerNorm(width, eps));
  }

  at::Tensor forward(const at::Tensor& features, const at::Tensor& boxes,
                     const at::Tensor& segment) const override {
    const at::Tensor area = boxes.select(-1, 4) * boxes.select(-1, 5);
    const at::Tensor seven = at::cat({boxes, area.unsqueeze(-1)}, -1);
    return sum_norm_->forward(norm_->forward(linear_->forward(features)) +
                              box_norm_->forward(box_linear_->forward(seven)) + segment);
  }

 private:
  nn::Linear linear_ = nullptr;
  nn::LayerNorm norm_ = nullptr;
  nn::Linear box_linear_ = nullptr;
  nn::LayerNorm box_norm_ = nullptr;
  nn::LayerNorm sum_norm_ = nullptr;
};

}  // namespace

text::TokenizerOptions uniter_tokenizer(const checkpoint::Config& config) {
  return single_stream_tokenizer(read_config(config), text::TokenizerKind::kWordPiece);
}

Blueprint build_uniter(const ModelFolder& folder, const ModelOptions&) {
  const SingleStreamConfig config = read_config(folder.config);
  auto regions =
      std::make_shared<UniterRegions>(config.feature_width, config.transformer.width, config.transformer.eps);
  return single_stream_blueprint(config, std::move(regions),
                                 bert_names({{"regions.linear.", "img_embeddings.img_linear."},
                                             {"regions.norm.", "img_embeddings.img_layer_norm."},
                                             {"regions.box_linear.", "img_embeddings.pos_linear."},
                                             {"regions.box_norm.", "img_embeddings.pos_layer_norm."},
                                             {"regions.sum_norm.", "img_embeddings.LayerNorm."}}),
                                 {"embeddings.position_ids", "img_embeddings.mask_embedding.weight"});
}

}  // namespace tandem::models
