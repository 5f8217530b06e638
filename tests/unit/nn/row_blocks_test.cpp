#include "nn/row_blocks.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <stdexcept>

namespace tandem::nn {
namespace {

at::Tensor halves_and_sums(const at::Tensor& rows) { return at::cat({rows / 2, rows.sum(1, true)}, 1); }

void write_halves_and_sums(const at::Tensor& rows, float* result) {
  at::from_blob(result, {rows.size(0), rows.size(1) + 1}).copy_(halves_and_sums(rows));
}

TEST(RowBlocks, GiveWhatAllRowsAtOnceWould) {
  const at::NoGradGuard no_grad;
  for (const std::int64_t count : {0, 1, 63, 64, 255, 256, 257, 1000, 1031}) {
    const at::Tensor x = torch::randn({count, 6});
    EXPECT_TRUE(at::equal(by_row_blocks(x, 7, write_halves_and_sums), halves_and_sums(x))) << count;
  }
  const at::Tensor deep = torch::randn({4, 50, 3, 6});
  EXPECT_TRUE(at::equal(by_row_blocks(deep, 7, write_halves_and_sums),
                        halves_and_sums(deep.reshape({-1, 6})).reshape({4, 50, 3, 7})));
}

TEST(RowBlocks, AreComputedByAllThreads) {
  const int before = at::get_num_threads();
  at::set_num_threads(2);  // on a machine of one core too
  std::mutex lock;
  std::set<int> seen;
  by_row_blocks(torch::randn({2000, 2}), 2, [&](const at::Tensor&, float*) {
    const std::lock_guard guard(lock);
    seen.insert(at::get_thread_num());
    EXPECT_TRUE(at::in_parallel_region());
  });
  at::set_num_threads(before);
  EXPECT_EQ(seen.size(), 2u);
}

TEST(RowBlocks, WithinOthersAreOne) {
  const at::Tensor x = torch::randn({600, 2});
  const at::Tensor found = by_row_blocks(x, 3, [](const at::Tensor& rows, float* result) {
    const at::Tensor again = by_row_blocks(rows, 3, [&](const at::Tensor& all, float* whole) {
      EXPECT_EQ(all.size(0), rows.size(0));
      write_halves_and_sums(all, whole);
    });
    std::copy_n(again.data_ptr<float>(), again.numel(), result);
  });
  EXPECT_TRUE(at::equal(found, halves_and_sums(x)));
}

TEST(RowBlocks, PassErrorsOn) {
  const auto fail = [](const at::Tensor&, float*) { throw std::runtime_error("no"); };
  EXPECT_THROW(by_row_blocks(torch::randn({1000, 2}), 2, fail), std::runtime_error);
}

}  // namespace
}  // namespace tandem::nn
