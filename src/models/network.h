// What a family implements: the forward passes of its network, on tensors.
//
// Const methods may be called from many threads. They assume checked inputs and do not pad: all texts of a
// call have one length, all pictures one size or one number of regions and of tag tokens.
#pragma once

#include <torch/torch.h>

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

// Parts of what one batch of images becomes; what was not asked for is undefined.
struct ImageStates {
  at::Tensor embeddings;  // batch × embedding_rows × embedding_dim, rows of length 1
  at::Tensor tokens;      // batch × image tokens × image_token_width
};

class Network : public torch::nn::Module {
 public:
  // ids: batch × tokens, int64. Returns batch × embedding_dim, rows of length 1. Called only where the
  // model's capabilities say `embed_text`.
  virtual at::Tensor embed_texts(const at::Tensor& ids) const;
  virtual ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const = 0;
  // ids: 1 × tokens; image_tokens: batch × image tokens × image_token_width. Returns batch logits.
  // Called only where the model's capabilities say `match`.
  virtual at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const;
};

}  // namespace tandem::models
