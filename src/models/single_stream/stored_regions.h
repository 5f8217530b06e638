// The stored form of a picture's regions and tags: rows of the model's width.
//
// The regions' embeddings; then, where there are tags, a row of zeros and the word embeddings of the tags and
// of the special token behind them. Words, not states: a tag's position depends on the text that it is
// matched with.
#pragma once

#include <torch/torch.h>

namespace tandem::models {

// regions, words: batch × rows × width; `words` undefined without tags.
at::Tensor join_tags(const at::Tensor& regions, const at::Tensor& words);

// The parts of one picture's rows (rows × width) that join_tags() joined.
struct StoredRegions {
  at::Tensor regions;
  at::Tensor words;  // undefined without tags
};
StoredRegions split_tags(const at::Tensor& rows);

}  // namespace tandem::models
