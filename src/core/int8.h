// Rows of int8 with a scale, to float32.
//
// Thread-safe: a free function.
#pragma once

#include <cstddef>
#include <span>

namespace tandem {

// values = steps · scale; `steps`: signed bytes, as many as there are values.
void from_int8(std::span<const std::byte> steps, float scale, std::span<float> values);

}  // namespace tandem
