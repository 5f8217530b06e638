// A batch of pictures by the number of their tag words.
//
// Free functions; gradients flow through them.
#pragma once

#include <span>
#include <vector>

#include "models/network.h"

namespace tandem::models {

// Pictures that have equally many words.
struct TagGroup {
  std::vector<std::size_t> members;  // their places in the batch
  at::Tensor words;                  // members × words, int64; undefined: no words
};

// text: batch × tokens, int64, with negative ids behind the words of each row; undefined or without columns:
// no words. Tensors of the groups are on `device`.
std::vector<TagGroup> group_by_words(const at::Tensor& text, std::int64_t batch, at::Device device);

// parts[i]: the tokens of groups[i], members × their number × width; become `tokens` and `token_counts`.
void set_tokens(std::span<const TagGroup> groups, std::vector<at::Tensor> parts, ImageStates& states);

}  // namespace tandem::models
