// Tensors that the reference wrote.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "checkpoint/safetensors.h"

namespace tandem::golden {

inline std::filesystem::path training_data() { return std::filesystem::path(TANDEM_TEST_DATA) / "training"; }

inline nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

class GoldenTensors {
 public:
  explicit GoldenTensors(const std::filesystem::path& path)
      : file_(checkpoint::SafetensorsFile::open(path, FileSystem::system())) {}

  bool has(const std::string& name) const { return file_.find(name) != nullptr; }
  at::Tensor operator[](const std::string& name) const {
    const checkpoint::TensorView& view = *file_.find(name);
    const at::Tensor tensor = torch::empty(view.shape, at::kFloat);
    checkpoint::read_f32(view, {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())});
    return tensor;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : file_.tensors()) names.push_back(name);
    return names;
  }

 private:
  checkpoint::SafetensorsFile file_;
};

inline double difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace tandem::golden
