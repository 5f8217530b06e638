// config.json of the default family.
#pragma once

#include <cstdint>
#include <optional>

#include "checkpoint/model_config.h"
#include "image/preprocessor.h"
#include "models/tandem/factor_heads.h"
#include "models/tandem/hubness.h"
#include "models/tandem/tagger.h"
#include "nn/transformer.h"
#include "nn/vision_transformer.h"

namespace tandem::models {

struct TandemConfig {
  nn::VisionTransformerConfig vision;
  std::int64_t pool = 0;  // side of the grid of image tokens
  image::PreprocessConfig preprocessing;
  std::optional<TaggerConfig> tagger;  // names objects, which are read as words beside the grid
  std::int64_t vocabulary = 0;
  std::int64_t positions = 0;   // rows of the position embedding
  std::int64_t max_tokens = 0;  // of a text, special tokens included
  std::int32_t bos = 0;
  std::int32_t eos = 0;
  nn::TransformerConfig stem;    // layers for the text alone
  nn::TransformerConfig shared;  // layers for text, image and both
  std::int64_t match_layers =
      0;  // of the shared ones, the last that read text and image together to match them
  std::optional<FactorHeadsConfig> match_factors;
  std::optional<HubnessConfig> match_hubness;
  Precision match_precision = Precision::kFp32;  // that was measured to be as good
  bool rerank = false;                           // whether search reranks unless told otherwise

  std::int64_t grid_tokens() const { return 1 + pool * pool; }
  // What the match reads of a picture, at most: the grid, the words of the tags, the vector of the factors.
  std::int64_t image_tokens() const {
    return grid_tokens() + (tagger ? tagger->longest_sentence() : 0) + (match_factors ? 1 : 0);
  }
};

// Throws BadFormat, Unsupported.
TandemConfig read_tandem_config(const checkpoint::Config& config);

}  // namespace tandem::models
