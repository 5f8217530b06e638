#include "nn/attention.h"

#include <algorithm>
#include <cmath>

#include "nn/fused_attention.h"
#include "nn/int8_rows.h"

namespace tandem::nn {
namespace {

// batch × tokens × width -> batch × heads × tokens × width per head
at::Tensor split_heads(const at::Tensor& x, std::int64_t heads) {
  return x.unflatten(-1, {heads, -1}).transpose(1, 2);
}

// Up to how many text tokens absorbing is faster, with heads of width 64, from so many memory tokens on. By
// operations it wins below as many as a head is wide; where the memory is short, reading and writing it
// decides instead, and that is less. Measured.
struct Absorbed {
  std::int64_t memory_tokens;
  std::int64_t fp32, bf16, int8;
};
constexpr Absorbed kAbsorbed[] = {{577, 52, 35, 75}, {400, 49, 20, 75}, {197, 34, 20, 52},
                                  {100, 28, 12, 34}, {50, 18, 8, 22},   {0, 8, 8, 8}};

at::Tensor merge_heads(const at::Tensor& x) { return x.transpose(1, 2).flatten(2); }

}  // namespace

at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, std::int64_t heads,
                  bool causal, double dropout) {
  if (dropout == 0 && !at::GradMode::is_enabled() && fuses_attention(query, key, value, heads)) {
    return attend_fused(query, key, value, heads, causal);
  }
  return merge_heads(at::scaled_dot_product_attention(split_heads(query, heads), split_heads(key, heads),
                                                      split_heads(value, heads), /*attn_mask=*/{}, dropout,
                                                      causal));
}

SelfAttentionImpl::SelfAttentionImpl(std::int64_t width, std::int64_t heads, bool causal, bool qkv_bias)
    : heads_(heads), causal_(causal) {
  qkv_ = register_module("qkv", Linear(width, 3 * width, qkv_bias));
  output_ = register_module("output", Linear(width, width));
}

at::Tensor SelfAttentionImpl::forward(const at::Tensor& x) const {
  return output_->forward(attend_within(qkv_->forward(x)));
}

at::Tensor SelfAttentionImpl::forward_first(const at::Tensor& x) const {
  TORCH_CHECK(!causal_, "the first token of a causal sequence sees itself alone");
  const auto parts = qkv_->forward(x).chunk(3, -1);
  return output_->forward(
      attend(parts[0].slice(1, 0, 1), parts[1], parts[2], heads_, /*causal=*/false, dropout()));
}

at::Tensor SelfAttentionImpl::forward_packed(const at::Tensor& rows, std::span<const Run> runs) const {
  const at::Tensor qkv = qkv_->forward(rows);
  // A GPU would wait for the many small operations of many short sequences.
  if (qkv.is_cuda()) return output_->forward(attend_at_once(qkv, runs));
  std::vector<at::Tensor> parts = unpack(qkv, runs);
  for (at::Tensor& part : parts) part = attend_within(part);
  return output_->forward(pack(parts));
}

at::Tensor SelfAttentionImpl::attend_within(const at::Tensor& qkv) const {
  const auto parts = qkv.chunk(3, -1);
  return attend(parts[0], parts[1], parts[2], heads_, causal_, dropout());
}

at::Tensor SelfAttentionImpl::attend_at_once(const at::Tensor& qkv, std::span<const Run> runs) const {
  std::vector<std::int32_t> ends = {0};
  std::int64_t longest = 0;
  for (const Run& run : runs) {
    longest = std::max(longest, run.length);
    for (std::int64_t i = 0; i < run.sequences; ++i) {
      ends.push_back(ends.back() + static_cast<std::int32_t>(run.length));
    }
  }
  const at::Tensor bounds = torch::tensor(ends, at::kInt).to(qkv.device());
  const auto parts =
      qkv.unsqueeze(0).unflatten(-1, {3, heads_, -1}).unbind(2);  // each 1 × rows × heads × width
  constexpr std::int64_t kWhole = 0, kCausal = 1;
  const at::Tensor attended = std::get<0>(at::_efficient_attention_forward(
      parts[0], parts[1], parts[2], /*bias=*/{}, bounds, bounds, longest, longest, dropout(),
      causal_ ? kCausal : kWhole, /*compute_log_sumexp=*/at::GradMode::is_enabled()));
  return attended.squeeze(0).flatten(1);
}

void SelfAttentionImpl::set_precision(Precision precision) {
  qkv_->set_precision(precision);
  output_->set_precision(precision);
}

CrossAttentionImpl::CrossAttentionImpl(std::int64_t width, std::int64_t memory_width, std::int64_t heads)
    : heads_(heads) {
  query_ = register_module("query", Linear(width, width));
  key_value_ = register_module("key_value", Linear(memory_width, 2 * width));
  output_ = register_module("output", Linear(width, width));
}

Memory CrossAttentionImpl::convert(const Memory& memory) const {
  if (!memory.defined() || memory.int8.defined() || memory.bf16.defined()) return memory;
  Memory read(memory.tokens.to(key_value_->weight.scalar_type()));
  if (reads_int8_) read.int8 = Int8Memory(read.tokens);
  if (reads_tiles_) read.bf16 = Bf16Memory(read.tokens);
  return read;
}

at::Tensor CrossAttentionImpl::forward(const at::Tensor& x, const Memory& memory) const {
  const bool absorbed = !at::GradMode::is_enabled() && absorbs(x.size(1), memory.tokens.size(1));
  return absorbed ? forward_absorbed(x, memory) : forward_projected(x, memory);
}

at::Tensor CrossAttentionImpl::forward_projected(const at::Tensor& x, const Memory& memory) const {
  const auto parts = key_value_->forward(memory.tokens).chunk(2, -1);
  const at::Tensor query = query_->forward(x).expand({memory.tokens.size(0), -1, -1});
  return output_->forward(attend(query.to(parts[0].scalar_type()), parts[0], parts[1], heads_,
                                 /*causal=*/false, dropout()));
}

at::Tensor CrossAttentionImpl::forward_absorbed(const at::Tensor& x, const Memory& memory) const {
  const std::int64_t batch = memory.tokens.size(0), tokens = x.size(1);
  const at::Tensor weight =
      key_value_->weight.unflatten(0, {2, heads_, -1});  // by head: its width × memory_width
  const double scale = 1 / std::sqrt(static_cast<double>(weight.size(2)));

  // A query of each head and token, as long as a memory token: texts × heads × tokens × memory_width.
  const at::Tensor query = query_->forward(x).to(weight.scalar_type()).unflatten(-1, {heads_, -1});
  const at::Tensor queries = at::bmm(query.flatten(0, 1).transpose(0, 1), weight[0])
                                 .unflatten(1, {x.size(0), tokens})
                                 .transpose(0, 1)
                                 .expand({batch, -1, -1, -1});
  const at::Tensor means = attend_absorbed(queries, convert(memory), scale);

  // heads × batch·tokens × memory_width, to the values of each head.
  const at::Tensor by_head = means.transpose(0, 1).flatten(1, 2);
  const at::Tensor values = at::bmm(by_head, weight[1].transpose(1, 2)).transpose(0, 1);
  return output_->forward(values.reshape({batch, tokens, -1}) + key_value_->bias.chunk(2)[1]);
}

at::Tensor CrossAttentionImpl::attend_absorbed(const at::Tensor& queries, const Memory& memory,
                                               double scale) const {
  if (memory.int8.defined()) return memory.int8.attend(queries, scale);
  if (memory.bf16.defined()) return memory.bf16.attend(queries, scale);
  const at::Tensor rows = queries.flatten(1, 2);
  if (memory.tokens.scalar_type() == at::kFloat) {
    // Queries are many times longer than heads are wide, and the fused operation is made for the latter.
    const at::Tensor scores = at::bmm(rows, memory.tokens.transpose(1, 2)).mul_(scale);
    return at::bmm(at::softmax(scores, -1), memory.tokens).unflatten(1, {heads_, -1});
  }
  const at::Tensor read = memory.tokens.unsqueeze(1);
  return at::scaled_dot_product_attention(rows.unsqueeze(1), read, read, {}, 0, false, scale)
      .squeeze(1)
      .unflatten(1, {heads_, -1});
}

bool CrossAttentionImpl::absorbs(std::int64_t tokens, std::int64_t memory_tokens) const {
  const auto step = std::ranges::find_if(
      kAbsorbed, [&](const Absorbed& row) { return memory_tokens >= row.memory_tokens; });
  const bool is_float = key_value_->weight.scalar_type() == at::kFloat;
  const std::int64_t of_64 = reads_int8_ ? step->int8 : is_float ? step->fp32 : step->bf16;
  const std::int64_t head_width = key_value_->weight.size(0) / 2 / heads_;
  return 64 * tokens <= of_64 * head_width;
}

void CrossAttentionImpl::set_precision(Precision precision) {
  query_->set_precision(precision);
  output_->set_precision(precision);
  // Absorbed, the matrix is cut by heads, too narrow for int8 to gain from.
  if (precision == Precision::kBf16) key_value_->round_to_bf16();
  reads_tiles_ = precision == Precision::kBf16 && multiplies_bf16_tiles() &&
                 Bf16Memory::fits(key_value_->weight.size(1));
  // Nothing that is stored depends on it, and without such instructions float32 is faster and exact.
  reads_int8_ = precision == Precision::kInt8 && multiplies_bytes();
}

}  // namespace tandem::nn
