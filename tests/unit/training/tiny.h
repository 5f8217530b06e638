// A training that takes a second: the paper's OSCAR with three narrow layers, eight pictures of regions.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tandem/training.h"

namespace tandem::training {

inline const std::filesystem::path kTinyFolder =
    std::filesystem::path(TANDEM_TEST_DATA) / "training" / "joint_oscar";

inline Dataset tiny_dataset() {
  std::ifstream file(kTinyFolder / "expected.json");
  const auto expected = nlohmann::json::parse(file);
  Dataset data;
  for (const auto& name : expected["images"]) {
    data.images.push_back({name, kTinyFolder / "regions" / name.get<std::string>(), "train"});
  }
  for (const auto& text : expected["captions"]) {
    const std::size_t image = data.captions.size() % data.images.size();
    data.captions.push_back({std::to_string(data.captions.size()), image, Text(text, "en"), ""});
  }
  return data;
}

inline TrainingOptions tiny_options() {
  TrainingOptions options;
  options.rounds = 6;
  options.batch_size = 4;
  options.learning_rate = 1e-3;
  options.evaluate_every = 3;
  options.checkpoint_every = 1;
  return options;
}

}  // namespace tandem::training
