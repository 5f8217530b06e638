// What a family implements: the forward passes of its network, on tensors.
//
// Const methods may be called from many threads. They assume checked inputs and do not pad: all texts of a
// call have one length, all pictures one size.
#pragma once

#include <torch/torch.h>

#include "tandem/model.h"

namespace tandem::models {

// Parts of what one batch of images becomes; what was not asked for is undefined.
struct ImageStates {
  at::Tensor embeddings;  // batch × embedding_rows × embedding_dim, rows of length 1
  at::Tensor tokens;      // batch × image tokens × image_token_width
};

class Network : public torch::nn::Module {
 public:
  // ids: batch × tokens, int64. Returns batch × embedding_dim, rows of length 1.
  virtual at::Tensor embed_texts(const at::Tensor& ids) const = 0;
  // pixels: batch × channels × height × width.
  virtual ImageStates encode_images(const at::Tensor& pixels, ImageOutputs outputs) const = 0;
  // ids: 1 × tokens; image_tokens: batch × image tokens × image_token_width. Returns batch logits.
  // Called only where the family's capabilities say `match`.
  virtual at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const;
};

}  // namespace tandem::models
