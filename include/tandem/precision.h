// The numbers that a model computes with.
//
// Free functions.
#pragma once

#include <string>

namespace tandem {

// The numbers that layers of transformers compute with; norms, softmax, heads, and what runs past the layers
// stay float32. What each costs in recall and gives in speed: docs/performance.md.
enum class Precision {
  kFp32,
  kBf16,  // fast where the processor multiplies matrices of them (AMX); elsewhere only weights are rounded
  kInt8,  // linear maps alone; fast where the processor has AVX2, and faster with VNNI
};

const char* to_string(Precision precision) noexcept;  // "fp32", "bf16", "int8"
// Throws InvalidArgument, listing those that there are.
Precision parse_precision(const std::string& name);

}  // namespace tandem
