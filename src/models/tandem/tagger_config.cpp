#include "models/tandem/tagger_config.h"

#include <algorithm>

namespace tandem::models {
namespace {

constexpr checkpoint::IntRange kTaggerWidths = {1, 1 << 14};

std::vector<nn::EfficientNetConfig::Stage> read_stages(const checkpoint::Config& tagger) {
  constexpr std::int64_t kMaxLayers = 1 << 10, kMaxKernel = 15, kMaxStride = 8, kMaxExpansion = 16;
  std::vector<nn::EfficientNetConfig::Stage> stages;
  for (const auto& numbers : tagger.get_int_lists("stages", kTaggerWidths)) {
    const bool fits = numbers.size() == 5 && numbers[0] <= kMaxLayers && numbers[1] <= kMaxKernel &&
                      numbers[2] <= kMaxStride && numbers[3] <= kMaxExpansion;
    if (!fits) tagger.reject("stages", "each as [layers, kernel, stride, expansion, width]");
    stages.push_back({numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]});
  }
  if (stages.empty()) tagger.reject("stages", "one stage or more");
  return stages;
}

}  // namespace

std::array<float, 3> read_rgb(const checkpoint::Config& config, const std::string& key) {
  const std::vector<double> values = config.get_floats(key);
  std::array<float, 3> rgb{};
  if (values.size() != rgb.size()) config.reject(key, "three numbers, for R, G and B");
  std::ranges::transform(values, rgb.begin(), [](double value) { return static_cast<float>(value); });
  return rgb;
}

TaggerConfig read_tagger(const checkpoint::Config& tagger, std::int64_t vocabulary) {
  if (tagger.get_string("kind") != "efficientnet-lite") tagger.refuse("kind", "\"efficientnet-lite\"");
  const checkpoint::IntRange ids = {0, vocabulary - 1};
  TaggerConfig read;
  read.size = tagger.get_int("size", {1, 1 << 12});
  read.mean = read_rgb(tagger, "mean");
  read.std = read_rgb(tagger, "std");
  if (std::ranges::find(read.std, 0.0f) != read.std.end()) tagger.reject("std", "three numbers other than 0");
  read.labels = tagger.get_int_lists("labels", ids);
  const bool unnamed = std::ranges::any_of(read.labels, [](const auto& label) { return label.empty(); });
  if (read.labels.empty() || unnamed) tagger.reject("labels", "a name of one token or more for each class");
  read.separator = tagger.get_ints("separator", ids);
  const auto classes = static_cast<std::int64_t>(read.labels.size());
  read.count = tagger.get_int("count", {1, classes});
  read.network = {.stem = tagger.get_int("stem", kTaggerWidths),
                  .stages = read_stages(tagger),
                  .head = tagger.get_int("head", kTaggerWidths),
                  .classes = classes};
  return read;
}

}  // namespace tandem::models
