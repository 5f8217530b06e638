// Rows of bytes turned into columns.
//
// A free function, safe to call from many threads at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tandem::image {

// `from`: `height` rows of `width` bytes, each `from_step` behind the last. `to`: its columns, as
// `width` rows of `height` bytes, each `to_step` behind the last.
void transpose(const std::uint8_t* from, std::size_t from_step, std::size_t height, std::size_t width,
               std::uint8_t* to, std::size_t to_step);

}  // namespace tandem::image
