// What a family implements: the forward passes of its network, on tensors.
//
// Const methods may be called from many threads. They assume checked inputs and do not pad: all texts of a
// call have one length, all pictures one size or one number of regions and of tag tokens, unless it is said
// otherwise. Gradients flow through them, on the device where the parameters are.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
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
  // batch, bool: of which pictures' pixels no objects are to be named; undefined: of none
  at::Tensor without_tags = {};
};

// What a tower gives: batch × rows × width.
inline ImageBatch from_tower(at::Tensor features) {
  return {.pixels = {}, .features = std::move(features), .boxes = {}, .text = {}};
}

// Texts of one length.
struct TextGroup {
  std::vector<std::size_t> members;  // their places among all texts
  at::Tensor ids;                    // members × tokens, int64
};

// Parts of what one batch of images becomes; what was not asked for is undefined.
struct ImageStates {
  at::Tensor embeddings;  // batch × embedding_rows × embedding_dim, rows of length 1
  at::Tensor tokens;      // batch × image tokens × image_token_width
  // batch, int64: how many of its tokens a picture has; what follows them is zeros. Undefined: all.
  at::Tensor token_counts;
};

// The tokens of each picture of the batch, without the rows that fill it up.
std::vector<at::Tensor> tokens_of(const ImageStates& states);

// What can be loaded apart: the picture's own tower, and the rest.
enum class Part { kTower, kRest };

class Network : public nn::DroppingModule {
 public:
  // ids: batch × tokens, int64. Returns batch × embedding_dim, rows of length 1. Called only where the
  // model's capabilities say `embed_text`.
  virtual at::Tensor embed_texts(const at::Tensor& ids) const;
  // Of pictures as they were read, or as read_tower() gave them back.
  virtual ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const = 0;
  // ids: batch × tokens, or 1 × tokens for one text with each picture; image_tokens: batch × image tokens ×
  // image_token_width. Returns batch logits. Called only where the model's capabilities say `match`.
  virtual at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const;

  // The same of texts of several lengths and of pictures with several numbers of tokens, in the order of
  // their places: one shape after the other, unless a family can do better. Each text is a member of one
  // group.
  virtual at::Tensor embed_text_groups(std::span<const TextGroup> texts) const;
  virtual at::Tensor match_pairs(std::span<const TextGroup> texts, std::span<const at::Tensor> image_tokens,
                                 std::span<const MatchPair> pairs) const;

  // Where a part of the logit is the cosine of a vector of the text and one of the picture: its factor
  // there (undefined: there is no such part), and these vectors, so that all pairs of a batch can be scored
  // at once. Rows of length 1: of the texts in the order of their places, of the pictures, as
  // encode_images() takes them, in the order of the batch.
  virtual at::Tensor match_factor_scale() const { return {}; }
  virtual at::Tensor text_factors(std::span<const TextGroup> texts) const;
  virtual at::Tensor image_factors(const ImageBatch& images) const;

  // Where the match subtracts how near a text is to pictures at large: how many centres of the embeddings of
  // pictures stand for these (0: it does not). What they are, centres × embedding_dim, and the logarithm of
  // each one's share of the pictures.
  virtual std::int64_t hubness_centres() const { return 0; }
  virtual void set_hubness(const at::Tensor& centres, const at::Tensor& log_shares);

  // Keeps what the frozen part of the text side makes of these texts, of captions and of tags, and reads it
  // in the place of computing it; without dropout. `ids`: texts × tokens. Throws Unsupported where the family
  // has no such part, InvalidArgument where it is being trained.
  virtual void keep_text_states(const at::Tensor& ids);

  // Computes the layers in which a text meets a picture with such numbers from here on, those that it shares
  // with embeddings too. Before set_precision() of the whole. Throws Unsupported where they cannot be told
  // apart.
  virtual void set_match_precision(Precision precision);

  // Remembers what it makes of so many texts that come one by one, for it is often asked for twice: by
  // embed_text_groups() and by match_pairs(). Of networks whose weights no longer change; a family may have
  // nothing that both could share.
  virtual void remember_texts(std::size_t) {}

  // The part of the image side that training may leave as it is, so that it is computed once for each
  // picture: the beginnings of its parameters' names. None: the network cannot be divided.
  virtual std::vector<std::string> tower() const { return {}; }
  // Of a parameter, or of a module with a dot behind its name.
  Part part_of(std::string_view name) const;
  // What encode_images() reads in the place of pixels: `features` (batch × rows × width) and `text`, the
  // pixels undefined. There `text` may have rows of several lengths, with negative ids behind their ends, and
  // may be undefined: no picture has any. Called only where there is a tower.
  virtual ImageBatch read_tower(const ImageBatch& images) const;

  // The logarithm of the factor of cosines in contrastive losses, and what is added to them; undefined where
  // the family has none.
  virtual at::Tensor contrastive_scale() const { return {}; }
  virtual at::Tensor contrastive_bias() const { return {}; }
};

}  // namespace tandem::models
