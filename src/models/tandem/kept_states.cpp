#include "models/tandem/kept_states.h"

namespace tandem::models {
namespace {

std::vector<std::vector<std::int64_t>> texts_of(const at::Tensor& ids) {
  const at::Tensor rows = ids.cpu().contiguous();
  const std::int64_t* next = rows.data_ptr<std::int64_t>();
  std::vector<std::vector<std::int64_t>> texts;
  for (std::int64_t i = 0; i < rows.size(0); ++i, next += rows.size(1)) {
    texts.emplace_back(next, next + rows.size(1));
  }
  return texts;
}

}  // namespace

void KeptStates::add(const at::Tensor& ids, const at::Tensor& states) {
  std::int64_t row = 0;
  for (auto& text : texts_of(ids)) states_.try_emplace(std::move(text), states[row++].clone());
}

at::Tensor KeptStates::find(std::span<const at::Tensor> ids) const {
  if (states_.empty()) return {};  // in a search nothing is kept
  std::vector<at::Tensor> rows;
  for (const at::Tensor& group : ids) {
    for (const auto& text : texts_of(group)) {
      const auto found = states_.find(text);
      if (found == states_.end()) return {};
      rows.push_back(found->second);
    }
  }
  return at::cat(rows);
}

}  // namespace tandem::models
