// Embeddings of everything, without gradients: for mining negatives and for evaluating.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <span>
#include <stop_token>

#include "training/pictures.h"
#include "training/trained_model.h"

namespace tandem::training {

// items × width. Throws Cancelled.
at::Tensor embed_captions(const TrainedModel& model, std::span<const TokenIds> captions,
                          std::span<const std::size_t> which, const std::stop_token& stop);

struct AllImages {
  at::Tensor embeddings;           // items × embeddings each × width; undefined where not asked for
  std::vector<at::Tensor> tokens;  // rows × width of each; empty where not asked for
};
AllImages encode_all(const TrainedModel& model, const Pictures& pictures, std::span<const std::size_t> which,
                     ImageOutputs outputs, const std::stop_token& stop);

}  // namespace tandem::training
