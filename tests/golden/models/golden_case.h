// What the reference implementation computed for a model folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tandem/matrix.h"
#include "tandem/model.h"

namespace tandem::golden {

inline const std::filesystem::path kData = TANDEM_TEST_DATA;

// How far values in float32 may lie from those of the reference, which sums in another order.
inline constexpr float kEmbeddingTolerance = 1e-4f;
inline constexpr float kLogitTolerance = 1e-3f;

struct TextCase {
  std::string text;
  TokenIds ids;
  std::vector<float> embedding;  // none where the model does not embed
};

struct ImageCase {
  std::filesystem::path file;
  bool lossless = true;
  bool refused = false;  // by the reference's preprocessing
  // Any one of them is right: the reference's own reading of the file, and other sound readings; several
  // rows one after another. None where only pairs were computed with this picture.
  std::vector<std::vector<float>> embeddings;
};

struct PairCase {
  std::size_t text = 0;
  std::size_t image = 0;
  float logit = 0;
  std::optional<float> logit_enc;  // BLIP with [ENC] as the first token
  std::optional<float> probability;
  std::optional<float> similarity;
};

struct Case {
  std::filesystem::path folder;
  std::vector<TextCase> texts;
  std::vector<ImageCase> images;
  std::vector<PairCase> pairs;
};

// Reads `expected_json`; image files are relative to `image_root`.
Case read_case(const std::filesystem::path& expected_json, const std::filesystem::path& image_root);

// The largest absolute difference; infinity for rows of different length or with NaN.
float max_difference(std::span<const float> a, std::span<const float> b);

}  // namespace tandem::golden
