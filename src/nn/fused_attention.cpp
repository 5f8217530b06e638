#include "nn/fused_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "nn/avx2.h"
#include "nn/row_blocks.h"
#include "nn/vector_exp.h"

namespace tandem::nn {
namespace {

constexpr std::int64_t kColumns = 2 * kFloats8;    // columns that are computed together
constexpr std::int64_t kBlock = 24;                // queries whose scores are in the cache together
constexpr std::int64_t kProductsOfTask = 1 << 16;  // that are worth waking a thread for

// Each begins `stride` floats behind the one before.
struct StridedRows {
  const float* data;
  std::int64_t stride;

  const float* operator[](std::int64_t i) const { return data + i * stride; }
};

struct Head {
  StridedRows query, key, value;
  std::int64_t queries, keys, width;
  float* out;
  std::int64_t out_stride;
};

std::int64_t whole_columns(std::int64_t columns) { return (columns + kColumns - 1) / kColumns * kColumns; }

// kRows rows of `a`, of `inner` values each, times a panel: inner × kColumns.
template <std::int64_t kRows>
[[gnu::always_inline]] inline void multiply_tile(const StridedRows& a, std::int64_t row, const float* panel,
                                                 std::int64_t inner, float* product, std::int64_t stride) {
  Floats8 sums[kRows][2] = {};
  for (std::int64_t i = 0; i < inner; ++i) {
    Floats8 left, right;
    std::memcpy(&left, panel + i * kColumns, sizeof left);
    std::memcpy(&right, panel + i * kColumns + kFloats8, sizeof right);
#pragma GCC unroll 8
    for (std::int64_t r = 0; r < kRows; ++r) {
      const float factor = a[row + r][i];
      sums[r][0] += factor * left;
      sums[r][1] += factor * right;
    }
  }
#pragma GCC unroll 8
  for (std::int64_t r = 0; r < kRows; ++r) {
    std::memcpy(product + (row + r) * stride, &sums[r][0], sizeof(Floats8));
    std::memcpy(product + (row + r) * stride + kFloats8, &sums[r][1], sizeof(Floats8));
  }
}

TANDEM_AVX2 void multiply_panel(const StridedRows& a, std::int64_t rows, const float* panel,
                                std::int64_t inner, float* product, std::int64_t stride) {
  std::int64_t row = 0;
  for (; row + 6 <= rows; row += 6) multiply_tile<6>(a, row, panel, inner, product, stride);
  for (; row + 3 <= rows; row += 3) multiply_tile<3>(a, row, panel, inner, product, stride);
  for (; row < rows; ++row) multiply_tile<1>(a, row, panel, inner, product, stride);
}

// What a thread needs for one head after the other.
class Workspace {
 public:
  Workspace(std::int64_t keys, std::int64_t width)
      : columns_(whole_columns(keys)),
        memory_(at::empty({columns_ * width + keys * width + kBlock * columns_}, at::kFloat)),
        keys_(memory_.data_ptr<float>()),
        values_(keys_ + columns_ * width),
        scores_(values_ + keys * width) {
    std::fill(keys_, values_, 0.0F);  // behind the last key
  }

  void attend(const Head& head, float factor, bool causal) {
    lay_out(head);
    for (std::int64_t first = 0; first < head.queries; first += kBlock) {
      attend_block(head, first, std::min(kBlock, head.queries - first), factor, causal);
    }
  }

 private:
  // In panels: the keys as columns, the values as they are.
  void lay_out(const Head& head) {
    for (std::int64_t j = 0; j < head.keys; j += kColumns) {
      lay_out_keys(head, j, std::min(kColumns, head.keys - j), keys_ + j * head.width);
    }
    for (std::int64_t j = 0; j < head.keys; ++j) {
      for (std::int64_t i = 0; i < head.width; i += kColumns) {
        std::memcpy(values_ + i * head.keys + j * kColumns, head.value[j] + i, kColumns * sizeof(float));
      }
    }
  }

  static void lay_out_keys(const Head& head, std::int64_t first, std::int64_t count, float* panel) {
    const float* const keys = head.key[first];
    for (std::int64_t i = 0, width = head.width, stride = head.key.stride; i < width; ++i) {
      for (std::int64_t j = 0; j < count; ++j) panel[i * kColumns + j] = keys[j * stride + i];
    }
  }

  void attend_block(const Head& head, std::int64_t first, std::int64_t count, float factor, bool causal) {
    // A query of a causal sequence sees no key behind itself.
    const std::int64_t seen = causal ? std::min(first + count, head.keys) : head.keys;
    const StridedRows queries = {head.query[first], head.query.stride}, shares = {scores_, columns_};
    for (std::int64_t j = 0; j < seen; j += kColumns) {
      multiply_panel(queries, count, keys_ + j * head.width, head.width, scores_ + j, columns_);
    }
    float sums[kBlock];
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t length = causal ? std::min(first + i + 1, seen) : seen;
      sums[i] = exponentiate_row(scores_ + i * columns_, length, factor);
      std::fill(scores_ + i * columns_ + length, scores_ + i * columns_ + seen, 0.0F);
    }
    float* const out = head.out + first * head.out_stride;
    for (std::int64_t i = 0; i < head.width; i += kColumns) {
      multiply_panel(shares, count, values_ + i * head.keys, seen, out + i, head.out_stride);
    }
    for (std::int64_t i = 0; i < count; ++i) {
      float* const row = out + i * head.out_stride;
      scale_row(row, 1 / sums[i], nullptr, head.width, row);
    }
  }

  std::int64_t columns_;
  at::Tensor memory_;
  float* keys_;    // columns / kColumns × width × kColumns
  float* values_;  // width / kColumns × keys × kColumns
  float* scores_;  // kBlock × columns
};

}  // namespace

bool fuses_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     std::int64_t heads) {
  const auto is_read = [](const at::Tensor& x) {
    return x.is_cpu() && x.scalar_type() == at::kFloat && x.stride(-1) == 1;
  };
  return is_widest_avx2() && is_read(query) && is_read(key) && is_read(value) && query.numel() > 0 &&
         key.numel() > 0 && query.size(-1) / heads % kColumns == 0;
}

at::Tensor attend_fused(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                        std::int64_t heads, bool causal) {
  const std::int64_t width = query.size(2) / heads, queries = query.size(1), keys = key.size(1);
  const at::Tensor out = at::empty(query.sizes(), at::kFloat);
  const auto rows_of = [&](const at::Tensor& x, std::int64_t sequence, std::int64_t head) {
    return StridedRows{x.data_ptr<float>() + sequence * x.stride(0) + head * width, x.stride(1)};
  };
  const auto factor = static_cast<float>(1 / std::sqrt(static_cast<double>(width)));
  const std::int64_t task = std::max<std::int64_t>(1, kProductsOfTask / (queries * keys * width));
  at::parallel_for(0, query.size(0) * heads, task, [&](std::int64_t begin, std::int64_t end) {
    Workspace workspace(keys, width);
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t sequence = i / heads, head = i % heads;
      workspace.attend({.query = rows_of(query, sequence, head),
                        .key = rows_of(key, sequence, head),
                        .value = rows_of(value, sequence, head),
                        .queries = queries,
                        .keys = keys,
                        .width = width,
                        .out = out.data_ptr<float>() + sequence * out.stride(0) + head * width,
                        .out_stride = out.stride(1)},
                       factor, causal);
    }
  });
  return out;
}

}  // namespace tandem::nn
