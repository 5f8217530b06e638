// Inner products of a query with rows, by the widest instructions that the processor has.
//
// Free functions. The order of the additions is fixed and nothing is fused, so that a row has the same
// product to the last bit on every processor and whatever is scanned beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tandem/matrix.h"

namespace tandem::index {

// Of two vectors of one length.
float inner_product(std::span<const float> a, std::span<const float> b);

// products[i] becomes the inner product of `query` (columns of `rows`) with row i; `products` has room for
// all rows.
void inner_products(MatrixView rows, std::span<const float> query, float* products);

// The same for rows of whole numbers from 0 to 255, with a query that code_query() made ready for them.
struct Codes {
  const std::uint8_t* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
};
void inner_products(const Codes& codes, std::span<const float> query, float* products);
std::vector<float> code_query(std::span<const float> query);

// Both by one set of instructions.
struct InnerProducts {
  const char* instructions;
  void (*of_rows)(MatrixView rows, const float* query, float* products);
  void (*of_codes)(const Codes& codes, const float* query, float* products);
};

// Those that this processor can run, the fastest last: that is the one which is used.
std::span<const InnerProducts> all_inner_products();

}  // namespace tandem::index
