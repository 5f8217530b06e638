#include "nn/bf16_memory.h"

#include <ATen/Parallel.h>
#include <ATen/native/CPUBlas.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "nn/bf16_rows.h"
#include "nn/vector_exp.h"

namespace tandem::nn {
namespace {

using at::BFloat16;

constexpr std::int64_t kPanel = 32;  // columns of a product: two tiles
constexpr std::int64_t kRows = 48;   // of a task: three tiles, whose scores stay in the cache

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
  const std::int64_t padded = (length_ + kPanel - 1) / kPanel * kPanel;
  const at::Tensor all = at::constant_pad_nd(tokens, {0, 0, 0, padded - length_}).contiguous();
  // Two values of a token side by side stay together: as one number of 32 bits.
  keys_ = all.view(at::kInt).unflatten(1, {-1, kPanel}).transpose(2, 3).contiguous();
  values_ = all.unflatten(2, {-1, kPanel}).unflatten(1, {-1, 2}).permute({0, 3, 1, 4, 2}).contiguous();
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
