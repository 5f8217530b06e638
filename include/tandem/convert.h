// Bringing a model folder of any layout that can be loaded into one clean layout.
//
// Thread-safe: a free function.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace tandem {

// kInt8: matrices and kernels of convolutions in 8 bits with a scale for each row, everything else as kFp16.
enum class WeightType { kFp32, kFp16, kBf16, kInt8 };

WeightType parse_weight_type(const std::string& name);  // "fp32", "fp16", "bf16", "int8"; or InvalidArgument

struct ConvertOptions {
  WeightType type = WeightType::kFp32;
  std::stop_token stop;
  // Bytes of weights, from the calling thread.
  std::function<void(std::uint64_t done, std::uint64_t total)> on_progress;
};

// Writes the model in folder `from` to folder `to`, which must be missing or empty: config.json,
// model.safetensors under the names of the family's own layout, tokenizer and preprocessing. It gives the
// same numbers, but for the rounding of fp16, bf16 and int8. Weights that the model does not read are left
// out. config.json is written last, so that what a crash or a stop leaves is not taken for a model. Throws
// what Model::load() throws; InvalidArgument where `to` holds something, or a weight is beyond the range of
// fp16 or of int8; Cancelled; Backend.
void convert_model(const std::filesystem::path& from, const std::filesystem::path& to,
                   const ConvertOptions& options = {});

}  // namespace tandem
