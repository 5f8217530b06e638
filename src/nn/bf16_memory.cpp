#include "nn/bf16_memory.h"

#include <ATen/Parallel.h>
#include <ATen/native/CPUBlas.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/vectorised.h"
#include "nn/bf16_rows.h"
#include "nn/vector_exp.h"

namespace tandem::nn {
namespace {

using at::BFloat16;

constexpr std::int64_t kPanel = 64;  // columns of a product: four tiles
constexpr std::int64_t kRows = 80;   // of a task: five tiles, whose scores stay in the cache

std::int64_t panels_of(std::int64_t columns) { return (columns + kPanel - 1) / kPanel; }

// `row` becomes a column of a panel, of which `out` is the first value.
void lay_down(const std::uint32_t* row, std::int64_t pairs, std::uint32_t* out) {
  for (std::int64_t i = 0; i < pairs; ++i) out[i * kPanel] = row[i];
}

TANDEM_VECTORISED void lay_side_by_side(const std::uint16_t* first, const std::uint16_t* second,
                                        std::uint32_t* out) {
  for (std::int64_t i = 0; i < kPanel; ++i) out[i] = first[i] | std::uint32_t{second[i]} << 16;
}

// One memory, length × width. Two values that are multiplied one behind the other lie as one number of 32
// bits. Columns of `keys` behind the last token stay as they are, since their scores are not read; rows of
// `values` there are zero.
void lay_out(const std::uint16_t* tokens, std::int64_t length, std::int64_t width, std::uint32_t* keys,
             std::uint32_t* values) {
  const std::int64_t padded = panels_of(length) * kPanel, pairs = width / 2;
  for (std::int64_t i = 0; i < length; ++i) {
    lay_down(reinterpret_cast<const std::uint32_t*>(tokens + i * width), pairs,
             keys + i / kPanel * pairs * kPanel + i % kPanel);
  }
  const std::vector<std::uint16_t> none(static_cast<std::size_t>(width));
  const auto row = [&](std::int64_t i) { return i < length ? tokens + i * width : none.data(); };
  for (std::int64_t i = 0; i < padded; i += 2) {
    for (std::int64_t column = 0; column < width; column += kPanel) {
      lay_side_by_side(row(i) + column, row(i + 1) + column, values + (column * padded + i * kPanel) / 2);
    }
  }
}

// rows × inner by one memory's panels of inner × kPanel, to rows × panels · kPanel.
void multiply(const BFloat16* x, std::int64_t rows, const at::Tensor& panels, float* out) {
  const std::int64_t count = panels.size(0), inner = panels.size(1) * 2, width = count * kPanel;
  const auto* const right = static_cast<const BFloat16*>(panels.data_ptr());
  for (std::int64_t i = 0; i < count; ++i) {
    at::native::cpublas::brgemm(rows, kPanel, inner, inner, kPanel, width, /*add_C=*/false, x,
                                right + i * inner * kPanel, out + i * kPanel);
  }
}

// What one task computes with.
class Rows {
 public:
  Rows(std::int64_t padded, std::int64_t width)
      : padded_(padded),
        width_(width),
        asked_(static_cast<std::size_t>(kRows * width)),
        scores_(static_cast<std::size_t>(kRows * padded)),
        shares_(static_cast<std::size_t>(kRows * padded)),
        sums_(static_cast<std::size_t>(kRows * width)) {}

  BFloat16* asked(std::int64_t i) { return asked_.data() + i * width_; }
  const float* sum(std::int64_t i) const { return sums_.data() + i * width_; }

  // The means of the first `count` rows but for a factor, which `totals` are the inverse of.
  void attend(std::int64_t count, std::int64_t length, float scale, const at::Tensor& keys,
              const at::Tensor& values, float* totals) {
    multiply(asked_.data(), count, keys, scores_.data());
    for (std::int64_t i = 0; i < count; ++i) {
      float* const row = scores_.data() + i * padded_;
      totals[i] = exponentiate_row(row, length, scale);
      std::fill(row + length, row + padded_, 0.0F);
      round_row(row, 1, padded_, shares_.data() + i * padded_);
    }
    multiply(shares_.data(), count, values, sums_.data());
  }

 private:
  std::int64_t padded_, width_;
  std::vector<BFloat16> asked_;
  std::vector<float> scores_;
  std::vector<BFloat16> shares_;
  std::vector<float> sums_;
};

}  // namespace

bool Bf16Memory::fits(std::int64_t width) { return width % kPanel == 0; }

Bf16Memory::Bf16Memory(const at::Tensor& tokens) : length_(tokens.size(1)) {
  const at::Tensor from = tokens.contiguous();
  const std::int64_t batch = from.size(0), width = from.size(2), panels = panels_of(length_);
  keys_ = at::empty({batch, panels, width / 2, kPanel}, at::kInt);
  values_ = at::empty({batch, panels_of(width), panels * kPanel / 2, kPanel}, at::kInt);
  const auto* const rows = static_cast<const std::uint16_t*>(from.data_ptr());
  auto* const keys = static_cast<std::uint32_t*>(keys_.data_ptr());
  auto* const values = static_cast<std::uint32_t*>(values_.data_ptr());
  at::parallel_for(0, batch, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      lay_out(rows + i * length_ * width, length_, width, keys + i * keys_.stride(0),
              values + i * values_.stride(0));
    }
  });
}

at::Tensor Bf16Memory::attend(const at::Tensor& queries, double scale) const {
  const std::int64_t batch = queries.size(0), heads = queries.size(1), count = queries.size(2),
                     width = queries.size(3), rows = heads * count, blocks = (rows + kRows - 1) / kRows;
  const at::Tensor means = at::empty({heads, batch, count, width}, at::kBFloat16).transpose(0, 1);
  const auto row_of = [count](const at::Tensor& all, std::int64_t memory, std::int64_t i) {
    return static_cast<BFloat16*>(all.data_ptr()) + memory * all.stride(0) + i / count * all.stride(1) +
           i % count * all.stride(2);
  };
  at::parallel_for(0, batch * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    const at::NoGradGuard no_grad;  // it holds for one thread
    Rows work(keys_.size(1) * kPanel, width);
    float totals[kRows];
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t memory = task / blocks, first = task % blocks * kRows,
                         here = std::min(kRows, rows - first);
      for (std::int64_t i = 0; i < here; ++i) {
        std::memcpy(static_cast<void*>(work.asked(i)), row_of(queries, memory, first + i),
                    static_cast<std::size_t>(width) * sizeof(BFloat16));
      }
      work.attend(here, length_, static_cast<float>(scale), keys_[memory], values_[memory], totals);
      for (std::int64_t i = 0; i < here; ++i) {
        round_row(work.sum(i), 1 / totals[i], width, row_of(means, memory, first + i));
      }
    }
    at::native::cpublas::brgemm_release();
  });
  return means;
}

}  // namespace tandem::nn
