// Embeddings of everything, without gradients: for mining negatives and for evaluating.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <span>
#include <stop_token>
#include <string>

#include "training/pictures.h"
#include "training/trained_model.h"

namespace tandem::training {

// Who is told of long work, and who may stop it.
struct Watch {
  TrainingObserver& observer;
  std::stop_token stop;

  // Throws Cancelled where a stop is wanted.
  void tell(const std::string& what, std::size_t done, std::size_t total) const;
};

// items × width. Throws Cancelled.
at::Tensor embed_captions(const TrainedModel& model, std::span<const TokenIds> captions,
                          std::span<const std::size_t> which, const Watch& watch);

struct AllImages {
  at::Tensor embeddings;           // items × embeddings each × width; undefined where not asked for
  std::vector<at::Tensor> tokens;  // rows × width of each; empty where not asked for
};
AllImages encode_all(const TrainedModel& model, const Pictures& pictures, std::span<const std::size_t> which,
                     ImageOutputs outputs, const Watch& watch);

}  // namespace tandem::training
