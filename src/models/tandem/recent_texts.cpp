#include "models/tandem/recent_texts.h"

#include <algorithm>
#include <utility>

namespace tandem::models {
namespace {

bool is_one_text(std::span<const at::Tensor> ids) { return ids.size() == 1 && ids.front().size(0) == 1; }

}  // namespace

std::optional<RecentTexts::States> RecentTexts::find(std::span<const at::Tensor> ids) const {
  if (capacity_ == 0 || !is_one_text(ids)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(texts_, [&](const Text& text) { return at::equal(text.ids, ids.front()); });
  return found == texts_.end() ? std::nullopt : std::optional(found->states);
}

void RecentTexts::add(std::span<const at::Tensor> ids, States states) {
  if (capacity_ == 0 || !is_one_text(ids)) return;
  const std::lock_guard lock(mutex_);
  std::erase_if(texts_, [&](const Text& text) { return at::equal(text.ids, ids.front()); });
  texts_.push_front({ids.front().clone(), std::move(states)});
  if (texts_.size() > capacity_) texts_.pop_back();
}

}  // namespace tandem::models
