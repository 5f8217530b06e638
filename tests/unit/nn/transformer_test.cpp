#include "nn/transformer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tandem::nn {
namespace {

void fill(torch::nn::Module& module) {
  const at::NoGradGuard no_grad;
  for (auto& parameter : module.parameters()) parameter.normal_(0, 0.2);
}

at::Tensor parameter(const torch::nn::Module& module, const std::string& name) {
  return module.named_parameters()[name];
}

// Attention written out: one head, one query at a time.
at::Tensor plain_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, bool causal) {
  at::Tensor out = torch::zeros_like(q);
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(1)));
  for (std::int64_t i = 0; i < q.size(0); ++i) {
    const std::int64_t seen = causal ? i + 1 : k.size(0);
    const at::Tensor weights = at::softmax(at::mv(k.slice(0, 0, seen), q[i]) * scale, 0);
    out[i] = at::mv(v.slice(0, 0, seen).t(), weights);
  }
  return out;
}

class TransformerTest : public ::testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { torch::manual_seed(1); }
  at::NoGradGuard no_grad_;
};

TEST_P(TransformerTest, SelfAttentionEqualsThePlainFormula) {
  const std::int64_t tokens = GetParam();
  for (const bool causal : {false, true}) {
    SelfAttention attention(8, 2, causal);
    fill(*attention);
    const at::Tensor x = torch::randn({3, tokens, 8});
    const at::Tensor out = attention->forward(x);
    for (std::int64_t batch = 0; batch < 3; ++batch) {
      const at::Tensor qkv =
          at::linear(x[batch], parameter(*attention, "qkv.weight"), parameter(*attention, "qkv.bias"));
      std::vector<at::Tensor> heads;
      for (std::int64_t head = 0; head < 2; ++head) {
        const auto part = [&](std::int64_t i) {
          return qkv.slice(1, 8 * i + 4 * head, 8 * i + 4 * head + 4);
        };
        heads.push_back(plain_attention(part(0), part(1), part(2), causal));
      }
      const at::Tensor plain = at::linear(at::cat(heads, 1), parameter(*attention, "output.weight"),
                                          parameter(*attention, "output.bias"));
      EXPECT_LT((out[batch] - plain).abs().max().item<float>(), 1e-5f);
    }
  }
}

TEST_P(TransformerTest, CrossAttentionEqualsThePlainFormula) {
  const std::int64_t tokens = GetParam();
  CrossAttention attention(6, 10, 1);
  fill(*attention);
  const at::Tensor x = torch::randn({2, 3, 6});
  const at::Tensor memory = torch::randn({2, tokens, 10});
  const at::Tensor out = attention->forward(x, memory);
  for (std::int64_t batch = 0; batch < 2; ++batch) {
    const at::Tensor q =
        at::linear(x[batch], parameter(*attention, "query.weight"), parameter(*attention, "query.bias"));
    const at::Tensor kv = at::linear(memory[batch], parameter(*attention, "key_value.weight"),
                                     parameter(*attention, "key_value.bias"));
    const at::Tensor plain =
        at::linear(plain_attention(q, kv.slice(1, 0, 6), kv.slice(1, 6), false),
                   parameter(*attention, "output.weight"), parameter(*attention, "output.bias"));
    EXPECT_LT((out[batch] - plain).abs().max().item<float>(), 1e-5f);
  }
}

TEST_P(TransformerTest, ARowOfABatchEqualsItselfAlone) {
  const std::int64_t tokens = GetParam();
  for (const bool pre_norm : {false, true}) {
    Transformer transformer(TransformerConfig{.layers = 2,
                                              .width = 8,
                                              .heads = 2,
                                              .hidden = 16,
                                              .pre_norm = pre_norm,
                                              .layer_scale = pre_norm,
                                              .memory_width = pre_norm ? 0 : 4});
    fill(*transformer);
    const at::Tensor x = torch::randn({3, tokens, 8});
    const at::Tensor memory = pre_norm ? at::Tensor() : torch::randn({3, 5, 4});
    const at::Tensor together = transformer->forward(x, memory);
    for (std::int64_t i = 0; i < 3; ++i) {
      const at::Tensor one = memory.defined() ? memory.slice(0, i, i + 1) : memory;
      const at::Tensor alone = transformer->forward(x.slice(0, i, i + 1), one);
      EXPECT_LT((together[i] - alone[0]).abs().max().item<float>(), 1e-5f);
    }
  }
}

TEST_P(TransformerTest, PackedSequencesEqualEachByItself) {
  const std::int64_t tokens = GetParam();
  const std::vector<nn::Run> runs = {{2, tokens}, {1, tokens + 3}, {3, 1}};
  for (const bool pre_norm : {false, true}) {
    Transformer transformer(TransformerConfig{
        .layers = 2, .width = 8, .heads = 2, .hidden = 16, .pre_norm = pre_norm, .causal = pre_norm});
    fill(*transformer);
    std::vector<at::Tensor> parts;
    for (const nn::Run& run : runs) parts.push_back(torch::randn({run.sequences, run.length, 8}));

    const at::AutoGradMode with_gradients(true);
    const auto gradient_of = [&](const auto& forward) {
      std::vector<at::Tensor> inputs;
      for (const at::Tensor& part : parts) inputs.push_back(part.clone().requires_grad_(true));
      transformer->zero_grad();
      const std::vector<at::Tensor> out = forward(inputs);
      at::Tensor sum = torch::zeros({});
      for (const at::Tensor& part : out) sum = sum + part.pow(2).sum() + part.pow(3).sum();
      sum.backward();
      std::vector<at::Tensor> found = out;
      for (const at::Tensor& input : inputs) found.push_back(input.grad());
      for (const auto& parameter : transformer->parameters()) found.push_back(parameter.grad().clone());
      return found;
    };
    const auto each = gradient_of([&](const auto& inputs) {
      std::vector<at::Tensor> out;
      for (const at::Tensor& input : inputs) out.push_back(transformer->forward(input));
      return out;
    });
    const auto packed = gradient_of(
        [&](const auto& inputs) { return unpack(transformer->forward_packed(pack(inputs), runs), runs); });
    ASSERT_EQ(each.size(), packed.size());
    for (std::size_t i = 0; i < each.size(); ++i) {
      EXPECT_TRUE(at::allclose(packed[i], each[i], 1e-4, 1e-4)) << i;
    }
  }
}

TEST(TransformerOnAGpu, PackedSequencesAreThoseOfTheCpu) {
  if (!torch::cuda::is_available())
    GTEST_SKIP() << "LibTorch sees no GPU with CUDA here, and this compares one with the CPU";
  const std::vector<nn::Run> runs = {{2, 17}, {1, 20}, {3, 1}};
  Transformer transformer(TransformerConfig{.layers = 2, .width = 16, .heads = 2, .hidden = 32});
  fill(*transformer);
  const at::Tensor rows = torch::randn({2 * 17 + 20 + 3, 16});
  const at::NoGradGuard no_grad;
  const at::Tensor wanted = transformer->forward_packed(rows, runs);
  transformer->to(at::kCUDA);
  EXPECT_TRUE(at::allclose(transformer->forward_packed(rows.cuda(), runs).cpu(), wanted, 1e-4, 1e-4));
}

TEST_P(TransformerTest, TheFirstTokenAloneIsThatOfAll) {
  const std::int64_t tokens = GetParam();
  for (const bool pre_norm : {false, true}) {
    Transformer transformer(TransformerConfig{.layers = 2,
                                              .width = 8,
                                              .heads = 2,
                                              .hidden = 16,
                                              .pre_norm = pre_norm,
                                              .layer_scale = pre_norm,
                                              .memory_width = pre_norm ? 0 : 4});
    fill(*transformer);
    const at::Tensor x = torch::randn({3, tokens, 8});
    const at::Tensor memory = pre_norm ? at::Tensor() : torch::randn({3, 5, 4});
    const at::Tensor all = transformer->forward(x, memory);
    EXPECT_LT((transformer->forward_first(x, memory) - all.select(1, 0)).abs().max().item<float>(), 1e-5f);
  }
}

INSTANTIATE_TEST_SUITE_P(Tokens, TransformerTest, ::testing::Values(1, 2, 17, 33));

}  // namespace
}  // namespace tandem::nn
