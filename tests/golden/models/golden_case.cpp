#include "golden/models/golden_case.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

namespace tandem::golden {
namespace {

using nlohmann::json;

template <typename T>
std::optional<T> optional(const json& object, const char* key) {
  return object.contains(key) ? std::optional(object[key].get<T>()) : std::nullopt;
}

// One row, or several as a list of lists.
std::vector<float> read_rows(const json& rows) {
  if (rows.empty() || !rows.front().is_array()) return rows.get<std::vector<float>>();
  std::vector<float> values;
  for (const json& row : rows) {
    for (const json& value : row) values.push_back(value);
  }
  return values;
}

TextCase read_text(const json& object) {
  return {object["text"], object["input_ids"].get<TokenIds>(),
          object.value("embedding", std::vector<float>())};
}

ImageCase read_image(const json& object, const std::filesystem::path& root) {
  ImageCase image{root / object["file"].get<std::string>(),
                  object.value("lossless", false),
                  object.contains("error"),
                  {}};
  if (object.contains("embedding")) image.embeddings.push_back(read_rows(object["embedding"]));
  for (const auto& other : object.value("alternatives", json::object())) {
    if (other.contains("embedding")) image.embeddings.push_back(read_rows(other["embedding"]));
  }
  return image;
}

PairCase read_pair(const json& object) {
  return {object["text_index"],
          object["image_index"],
          object["logit"],
          optional<float>(object, "logit_enc"),
          optional<float>(object, "probability"),
          optional<float>(object, "similarity")};
}

}  // namespace

Case read_case(const std::filesystem::path& expected_json, const std::filesystem::path& image_root) {
  std::ifstream file(expected_json);
  const json expected = json::parse(file);
  Case result;
  result.folder = expected_json.parent_path();
  for (const json& text : expected["texts"]) result.texts.push_back(read_text(text));
  for (const json& image : expected["images"]) result.images.push_back(read_image(image, image_root));
  for (const json& pair : expected["pairs"]) result.pairs.push_back(read_pair(pair));
  return result;
}

float max_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return std::numeric_limits<float>::infinity();
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float difference = std::fabs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;  // lets NaN through
  }
  return std::isnan(largest) ? std::numeric_limits<float>::infinity() : largest;
}

}  // namespace tandem::golden
