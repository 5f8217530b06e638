#include "index/inner_product.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/registers.h"

namespace tandem::index {
namespace {

// As Floats4, Floats8 and Floats16.
using Integers4 [[gnu::vector_size(16)]] = std::int32_t;
using Integers8 [[gnu::vector_size(32)]] = std::int32_t;
using Integers16 [[gnu::vector_size(64)]] = std::int32_t;

constexpr std::size_t kLanes = 16;          // independent sums of a row: as many as the widest register holds
constexpr std::size_t kCodes = 4 * kLanes;  // codes that fill the widest register
// Values by which memory is asked for ahead. The processor does so by itself, but begins anew on each page.
constexpr std::size_t kAhead = 2048;

// kLanes sums, in registers of the size that the instructions take.
template <typename Register>
struct Sums {
  static constexpr std::size_t kWidth = sizeof(Register) / sizeof(float);
  static constexpr std::size_t kParts = kLanes / kWidth;

  [[gnu::always_inline]] float total() {
    for (std::size_t half = kParts / 2; half > 0; half /= 2) {
      for (std::size_t part = 0; part < half; ++part) parts[part] += parts[part + half];
    }
    return total_of(parts[0]);
  }

  Register parts[kParts] = {};
};

// Adds the products of kLanes values of the query with those of each row.
template <typename Register, std::size_t kRows>
[[gnu::always_inline]] inline void add_products(std::array<Sums<Register>, kRows>& sums, const float* rows,
                                                std::size_t stride, const float* query) {
  constexpr std::size_t kWidth = Sums<Register>::kWidth;
  for (std::size_t part = 0; part < Sums<Register>::kParts; ++part) {
    Register a;
    std::memcpy(&a, query + part * kWidth, sizeof a);
    for (std::size_t row = 0; row < kRows; ++row) {
      Register b;
      std::memcpy(&b, rows + row * stride + part * kWidth, sizeof b);
      sums[row].parts[part] += a * b;
    }
  }
}

// Several rows at once: a value of the query is loaded once for all of them, and no addition waits for the
// one before.
template <typename Register, std::size_t kRows>
[[gnu::always_inline]] inline void compute_some(const float* rows, std::size_t columns, const float* query,
                                                float* products) {
  std::array<Sums<Register>, kRows> sums;
  std::size_t i = 0;
  for (; i + kLanes <= columns; i += kLanes) {
    add_products(sums, rows + i, columns, query + i);
    for (std::size_t row = 0; row < kRows; ++row) __builtin_prefetch(rows + row * columns + i + kAhead);
  }
  if (i < columns) {
    std::array<float, kLanes> end_of_query{};
    std::array<float, kLanes * kRows> ends_of_rows{};
    std::copy(query + i, query + columns, end_of_query.begin());
    for (std::size_t row = 0; row < kRows; ++row) {
      std::copy(rows + row * columns + i, rows + (row + 1) * columns, ends_of_rows.begin() + row * kLanes);
    }
    add_products(sums, ends_of_rows.data(), kLanes, end_of_query.data());
  }
  for (std::size_t row = 0; row < kRows; ++row) products[row] = sums[row].total();
}

template <typename Register, std::size_t kRows>
[[gnu::always_inline]] inline void compute_rows(MatrixView rows, const float* query, float* products) {
  const std::size_t columns = rows.columns();
  std::size_t i = 0;
  for (; i + kRows <= rows.rows(); i += kRows) {
    compute_some<Register, kRows>(rows.data() + i * columns, columns, query, products + i);
  }
  for (; i < rows.rows(); ++i) {
    compute_some<Register, 1>(rows.data() + i * columns, columns, query, products + i);
  }
}

// Adds the products of kCodes values: each register takes the first of every four codes, then the second
// ones, and so on. That needs no instruction which spreads bytes over a register.
template <typename Register, typename Integers>
[[gnu::always_inline]] inline void add_codes(Sums<Register>& sums, const std::uint8_t* codes,
                                             const float* query) {
  constexpr std::size_t kWidth = Sums<Register>::kWidth;
  for (std::size_t part = 0; part < Sums<Register>::kParts; ++part) {
    Integers fours;
    std::memcpy(&fours, codes + part * sizeof fours, sizeof fours);
    for (std::size_t byte = 0; byte < 4; ++byte) {
      Register a;
      std::memcpy(&a, query + byte * kLanes + part * kWidth, sizeof a);
      const Integers values = (fours >> static_cast<std::int32_t>(8 * byte)) & 255;
      sums.parts[part] += a * __builtin_convertvector(values, Register);
    }
  }
}

template <typename Register, typename Integers>
[[gnu::always_inline]] inline void compute_codes(const Codes& codes, const float* query, float* products) {
  for (std::size_t row = 0; row < codes.rows; ++row) {
    const std::uint8_t* const values = codes.data + row * codes.columns;
    Sums<Register> sums;
    std::size_t i = 0;
    for (; i + kCodes <= codes.columns; i += kCodes) {
      add_codes<Register, Integers>(sums, values + i, query + i);
      __builtin_prefetch(values + i + kAhead);
    }
    if (i < codes.columns) {
      std::array<std::uint8_t, kCodes> end{};
      std::copy(values + i, values + codes.columns, end.begin());
      add_codes<Register, Integers>(sums, end.data(), query + i);
    }
    products[row] = sums.total();
  }
}

// Four rows at once would need more registers than every processor has.
void compute_rows_plainly(MatrixView rows, const float* query, float* products) {
  compute_rows<Floats4, 2>(rows, query, products);
}
void compute_codes_plainly(const Codes& codes, const float* query, float* products) {
  compute_codes<Floats4, Integers4>(codes, query, products);
}

#ifdef __x86_64__
[[gnu::target("avx2")]] void compute_rows_by_avx2(MatrixView rows, const float* query, float* products) {
  compute_rows<Floats8, 4>(rows, query, products);
}
[[gnu::target("avx2")]] void compute_codes_by_avx2(const Codes& codes, const float* query, float* products) {
  compute_codes<Floats8, Integers8>(codes, query, products);
}
[[gnu::target("avx512f")]] void compute_rows_by_avx512(MatrixView rows, const float* query, float* products) {
  compute_rows<Floats16, 4>(rows, query, products);
}
[[gnu::target("avx512f")]] void compute_codes_by_avx512(const Codes& codes, const float* query,
                                                        float* products) {
  compute_codes<Floats16, Integers16>(codes, query, products);
}
#endif

std::vector<InnerProducts> find_inner_products() {
  std::vector<InnerProducts> found = {{"plain", compute_rows_plainly, compute_codes_plainly}};
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2")) {
    found.push_back({"avx2", compute_rows_by_avx2, compute_codes_by_avx2});
  }
  if (__builtin_cpu_supports("avx512f")) {
    found.push_back({"avx512f", compute_rows_by_avx512, compute_codes_by_avx512});
  }
#endif
  return found;
}

}  // namespace

std::span<const InnerProducts> all_inner_products() {
  static const std::vector<InnerProducts> found = find_inner_products();
  return found;
}

void inner_products(MatrixView rows, std::span<const float> query, float* products) {
  all_inner_products().back().of_rows(rows, query.data(), products);
}

float inner_product(std::span<const float> a, std::span<const float> b) {
  float product = 0;
  inner_products(MatrixView(b.data(), 1, b.size()), a, &product);
  return product;
}

void inner_products(const Codes& codes, std::span<const float> query, float* products) {
  all_inner_products().back().of_codes(codes, query.data(), products);
}

std::vector<float> code_query(std::span<const float> query) {
  std::vector<float> ready((query.size() + kCodes - 1) / kCodes * kCodes);
  for (std::size_t i = 0; i < query.size(); ++i) {
    const std::size_t within = i % kCodes;
    ready[i - within + within % 4 * kLanes + within / 4] = query[i];
  }
  return ready;
}

}  // namespace tandem::index
