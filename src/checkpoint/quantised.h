// Writing matrices in a quarter of their size.
//
// Thread-safe: a free function.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>

#include "checkpoint/safetensors_writer.h"

namespace tandem::checkpoint {

// Values that `read` fills in as float32, as Weights::read() de-quantises them: `NAME.scale`, one F32 for
// each index of the first dimension, of which there is one or more; and `NAME` as I8, rounded to nearest. A
// scale is the largest magnitude of its row divided by 127; a row of zeros has 0. Each of the two calls
// `read` once, and throws InvalidArgument for a value that is not finite.
std::array<TensorSource, 2> quantised(const std::string& name, const Shape& shape,
                                      const std::function<void(std::span<float>)>& read);

}  // namespace tandem::checkpoint
