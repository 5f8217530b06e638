// A batch of pictures by the number of their tag words, so that they go through a network without padding.
//
// Free functions; gradients flow through them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/network.h"

namespace tandem::models {

// Pictures that have equally many words.
struct TagGroup {
  at::Tensor members;  // their places in the batch, int64
  at::Tensor words;    // members × words, int64; undefined: no words
};

// text: batch × tokens, int64, with `pad` behind the words of each row; undefined or without columns: no
// words. Tensors of the groups are on `device`.
std::vector<TagGroup> group_by_words(const at::Tensor& text, std::int64_t batch, std::int64_t pad,
                                     at::Device device);

// One part for each group, members × ..., as rows in the order of the batch.
at::Tensor ungroup(std::span<const TagGroup> groups, const std::vector<at::Tensor>& parts);

// The same for tokens, members × their number × width, with that number for each picture.
void ungroup_tokens(std::span<const TagGroup> groups, std::vector<at::Tensor> parts, ImageStates& states);

}  // namespace tandem::models
