// Fewer image tokens of a picture, by merging those that are most alike.
//
// A free function.
#pragma once

#include <cstddef>

#include "tandem/matrix.h"

namespace tandem::gallery {

// `count` of the rows of `tokens`, or all where there are no more. The `first` and `last` ones stay as they
// are; `count` must be above their sum. Every other row that comes back is the mean of the rows that it
// stands for; the order is kept. The same tokens always become the same ones.
Matrix merge_tokens(const Matrix& tokens, std::size_t count, std::size_t first, std::size_t last);

}  // namespace tandem::gallery
