#include "models/tandem/tagger.h"

#include <algorithm>
#include <functional>

namespace tandem::models {
namespace {

std::int64_t size_of(const std::vector<std::int64_t>& ids) { return static_cast<std::int64_t>(ids.size()); }

at::Tensor per_channel(const std::array<float, 3>& values) {
  return torch::tensor({values[0], values[1], values[2]}).view({3, 1, 1});
}

}  // namespace

std::int64_t TaggerConfig::longest_sentence() const {
  std::vector<std::int64_t> lengths;
  for (const auto& label : labels) lengths.push_back(size_of(label));
  std::ranges::sort(lengths, std::greater());
  std::int64_t total = 2 + (count - 1) * size_of(separator);
  for (std::int64_t i = 0; i < count; ++i) total += lengths[static_cast<std::size_t>(i)];
  return std::min(total, max_tokens);
}

TaggerImpl::TaggerImpl(const TaggerConfig& config) : config_(config) {
  network_ = register_module("network", nn::EfficientNet(config.network));
  picture_mean_ = register_buffer("picture_mean", per_channel(config.picture_mean));
  picture_std_ = register_buffer("picture_std", per_channel(config.picture_std));
  mean_ = register_buffer("mean", per_channel(config.mean));
  std_ = register_buffer("std", per_channel(config.std));
}

at::Tensor TaggerImpl::logits(const at::Tensor& pixels) const {
  const at::Tensor resized = at::upsample_bicubic2d(pixels * picture_std_ + picture_mean_,
                                                    {config_.size, config_.size}, /*align_corners=*/false);
  return network_->forward((resized.clamp(0, 1) - mean_) / std_);
}

at::Tensor TaggerImpl::forward(const at::Tensor& pixels) const {
  const at::Tensor best = std::get<1>(logits(pixels).topk(config_.count, 1)).cpu().contiguous();
  const auto count = static_cast<std::size_t>(config_.count);
  std::vector<std::vector<std::int64_t>> sentences;
  std::int64_t longest = 0;
  for (std::int64_t i = 0; i < best.size(0); ++i) {
    sentences.push_back(sentence({best[i].data_ptr<std::int64_t>(), count}));
    longest = std::max(longest, size_of(sentences.back()));
  }
  at::Tensor ids = torch::full({best.size(0), longest}, -1, at::kLong);
  std::int64_t* row = ids.data_ptr<std::int64_t>();
  for (const auto& words : sentences) {
    std::ranges::copy(words, row);
    row += longest;
  }
  return ids.to(pixels.device());
}

std::vector<std::int64_t> TaggerImpl::sentence(std::span<const std::int64_t> classes) const {
  std::vector<std::int64_t> words = {config_.bos};
  for (const std::int64_t one : classes) {
    const auto& name = config_.labels[static_cast<std::size_t>(one)];
    const auto& before = words.size() > 1 ? config_.separator : std::vector<std::int64_t>();
    if (size_of(words) + size_of(before) + size_of(name) + 1 > config_.max_tokens) break;
    words.insert(words.end(), before.begin(), before.end());
    words.insert(words.end(), name.begin(), name.end());
  }
  words.push_back(config_.eos);
  return words;
}

}  // namespace tandem::models
