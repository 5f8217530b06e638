// What a family implements: the forward passes of its network, on tensors.
//
// Const methods may be called from many threads. They assume checked inputs and do not pad: all texts of a
// call have one length, all pictures one size or one number of regions and of tag tokens. Gradients flow
// through them, on the device where the parameters are.
#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

#include "nn/dropout.h"
#include "tandem/model.h"

namespace tandem::models {

// A batch of pictures, as pixels or as regions; the other part is undefined.
struct ImageBatch {
  at::Tensor pixels;    // batch × channels × height × width
  at::Tensor features;  // batch × regions × feature width
  // batch × regions × 6: x1/W, y1/H, x2/W, y2/H, (x2−x1)/W, (y2−y1)/H of each box in a picture of W × H
  at::Tensor boxes;
  // batch × tokens, int64: the text that goes with regions where there is no other: the names of the objects,
  // or the empty text
  at::Tensor text;
};

// What a tower gives: batch × rows × width.
inline ImageBatch from_tower(at::Tensor features) {
  return {.pixels = {}, .features = std::move(features), .boxes = {}, .text = {}};
}

// Parts of what one batch of images becomes; what was not asked for is undefined.
struct ImageStates {
  at::Tensor embeddings;  // batch × embedding_rows × embedding_dim, rows of length 1
  at::Tensor tokens;      // batch × image tokens × image_token_width
  // batch, int64: how many of its tokens a picture has; what follows them is zeros. Undefined: all.
  at::Tensor token_counts;
};

// The tokens of one picture of the batch, without the rows that fill it up.
at::Tensor tokens_of(const ImageStates& states, std::int64_t picture);

class Network : public nn::DroppingModule {
 public:
  // ids: batch × tokens, int64. Returns batch × embedding_dim, rows of length 1. Called only where the
  // model's capabilities say `embed_text`.
  virtual at::Tensor embed_texts(const at::Tensor& ids) const;
  // Of pictures as they were read, or as read_tower() gave them back. Of the latter `text` may be undefined,
  // or rows of it padding: then those pictures have no tags.
  virtual ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const = 0;
  // ids: batch × tokens, or 1 × tokens for one text with each picture; image_tokens: batch × image tokens ×
  // image_token_width. Returns batch logits. Called only where the model's capabilities say `match`.
  virtual at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const;

  // The part of the image side that training may leave as it is, so that it is computed once for each
  // picture: the beginnings of its parameters' names. None: the network cannot be divided.
  virtual std::vector<std::string> tower() const { return {}; }
  // What encode_images() reads in the place of pixels: `features` (batch × rows × width) and `text`, the
  // pixels undefined. Called only where there is a tower.
  virtual ImageBatch read_tower(const ImageBatch& images) const;

  // The logarithm of the factor of cosines in contrastive losses, and what is added to them; undefined where
  // the family has none.
  virtual at::Tensor contrastive_scale() const { return {}; }
  virtual at::Tensor contrastive_bias() const { return {}; }
};

}  // namespace tandem::models
