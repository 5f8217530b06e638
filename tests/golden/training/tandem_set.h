// Data for the small model of the family `tandem` whose forward pass is PyTorch's
// (tests/golden/make/tandem_tags.py).
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checkpoint/safetensors_writer.h"
#include "golden/training/golden_tensors.h"
#include "tandem/datasets.h"

namespace tandem::training {

inline const std::filesystem::path kTandemFolder = std::filesystem::path(TANDEM_TEST_DATA) / "tandem-tags";
inline const std::vector<std::string> kTandemStem = {"words.*", "positions.*", "text_type", "words_norm.*",
                                                     "stem.*"};

// Each picture with one of the texts.
inline Dataset tandem_dataset() {
  const nlohmann::json expected = golden::read_json(kTandemFolder / "expected.json");
  Dataset data;
  for (const nlohmann::json& image : expected["images"]) {
    const auto path = image["file"].get<std::string>();
    data.images.push_back({path, std::filesystem::path(TANDEM_TEST_DATA) / path, "train"});
  }
  for (std::size_t i = 0; i < data.images.size(); ++i) {
    const nlohmann::json& text = expected["texts"][i % expected["texts"].size()];
    data.captions.push_back({std::to_string(i), i, Text(text["text"], "en"), ""});
  }
  return data;
}

// Copies the model to the folder `to`, without this field of config.json and the weights that begin so.
inline void copy_tandem_without(const std::string& field, const std::string& weights,
                                const std::filesystem::path& to) {
  std::filesystem::copy(kTandemFolder / "model", to);
  nlohmann::json config = golden::read_json(to / "config.json");
  config.erase(field);
  std::ofstream(to / "config.json") << config;
  FileSystem& files = FileSystem::system();
  const auto stored = checkpoint::Weights::open(kTandemFolder / "model", files);
  auto tensors = checkpoint::all_tensors(stored, checkpoint::DType::kF32);
  std::erase_if(tensors, [&](const auto& tensor) { return tensor.name.starts_with(weights); });
  checkpoint::write_safetensors(to / "model.safetensors", tensors, files);
}

}  // namespace tandem::training
