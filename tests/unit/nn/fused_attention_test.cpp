#include "nn/fused_attention.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/nn/avx2_test.h"

namespace tandem::nn {
namespace {

constexpr std::int64_t kHeads = 3, kHeadWidth = 32, kAll = kHeads * kHeadWidth;

class FusedAttentionTest : public Avx2Test {};

at::Tensor by_libtorch(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal) {
  const auto split = [](const at::Tensor& x) { return x.unflatten(-1, {kHeads, -1}).transpose(1, 2); };
  return at::scaled_dot_product_attention(split(query), split(key), split(value), {}, 0, causal)
      .transpose(1, 2)
      .flatten(2);
}

// Means of values near 1 by shares that are off by a few roundings.
constexpr double kOfShares = 1e-5;

// Fewer and more tokens than are computed together, and whole numbers of those.
constexpr std::int64_t kLengths[] = {1, 2, 5, 6, 15, 16, 17, 24, 25, 47, 96, 577};

TEST_F(FusedAttentionTest, IsThatOfLibTorch) {
  for (const std::int64_t length : kLengths) {
    for (const bool causal : {false, true}) {
      const auto parts = (torch::randn({2, length, 3 * kAll}) * 2).chunk(3, -1);  // of strides of their own
      const at::Tensor exact = by_libtorch(parts[0], parts[1], parts[2], causal);
      const at::Tensor found = attend_fused(parts[0], parts[1], parts[2], kHeads, causal);
      EXPECT_TRUE(found.is_contiguous());
      EXPECT_TRUE(at::allclose(found, exact, kOfShares, kOfShares)) << length << (causal ? " causal" : "");
    }
  }
}

TEST_F(FusedAttentionTest, TakesFewerQueriesThanKeysAndMore) {
  for (const auto& [queries, keys] : {std::pair<std::int64_t, std::int64_t>{1, 50}, {50, 1}, {30, 77}}) {
    const at::Tensor query = torch::randn({3, queries, kAll}), key = torch::randn({3, keys, kAll}),
                     value = torch::randn({3, keys, kAll});
    EXPECT_TRUE(at::allclose(attend_fused(query, key, value, kHeads, false),
                             by_libtorch(query, key, value, false), kOfShares, kOfShares))
        << queries << " of " << keys;
  }
}

TEST_F(FusedAttentionTest, ASequenceDoesNotDependOnThoseBesideIt) {
  const at::Tensor x = torch::randn({5, 40, kAll});
  const at::Tensor together = attend_fused(x, x, x, kHeads, false);
  for (std::int64_t i = 0; i < x.size(0); ++i) {
    const at::Tensor alone = x.slice(0, i, i + 1);
    EXPECT_TRUE(at::equal(attend_fused(alone, alone, alone, kHeads, false)[0], together[i])) << i;
  }
}

// The largest score of a row alone decides there.
TEST_F(FusedAttentionTest, LargeScoresDoNotOverflow) {
  const at::Tensor x = torch::randn({1, 20, kAll}) * 1e4;
  EXPECT_TRUE(at::allclose(attend_fused(x, x, x, kHeads, false), by_libtorch(x, x, x, false), kOfShares));
}

TEST_F(FusedAttentionTest, OfNotANumberIsNone) {
  at::Tensor value = torch::randn({2, 20, kAll});
  value[1][19] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor x = torch::randn({2, 20, kAll});
  const at::Tensor found = attend_fused(x, x, value, kHeads, false);
  EXPECT_FALSE(found[0].isnan().any().item<bool>());
  EXPECT_TRUE(found[1].isnan().all().item<bool>());
}

TEST(FusesAttention, OfFloat32WithWholePanels) {
  const at::Tensor x = torch::empty({1, 4, 64}), narrow = torch::empty({1, 4, 24});
  EXPECT_EQ(fuses_attention(x, x, x, 2), is_widest_avx2());
  EXPECT_FALSE(fuses_attention(x, x, x, 8)) << "heads of width 8";
  EXPECT_FALSE(fuses_attention(narrow, narrow, narrow, 1));
  const at::Tensor bf16 = x.to(at::kBFloat16), turned = torch::empty({1, 64, 4}).transpose(1, 2);
  EXPECT_FALSE(fuses_attention(bf16, bf16, bf16, 2));
  EXPECT_FALSE(fuses_attention(turned, turned, turned, 2));
}

}  // namespace
}  // namespace tandem::nn
