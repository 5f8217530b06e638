// Losses and gradients of one step of each kind.
//
// For one thread. Gradients are added to those that are there. With several processes each computes its part
// of the batch, and losses and gradients are those of the whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "training/mined.h"
#include "training/negatives.h"
#include "training/processes.h"
#include "training/sampler.h"

namespace tandem::training {

// What all steps read.
struct StepContext {
  TrainedModel& model;
  const Pictures& pictures;
  // Of distillation: the model itself, or another one that reads the same data in its own way.
  TrainedModel& teacher;
  const Pictures& teacher_pictures;
  std::span<const TokenIds> teacher_captions;
  const TrainingSet& set;
  const TrainingOptions& options;
  Processes& processes;
};

class Steps {
 public:
  explicit Steps(const StepContext& context) : context_(context) {}

  // The loss of step number `step` of its kind, in round `round` (both from 0).
  double embedding(std::uint64_t step);
  double matching(std::size_t round, std::uint64_t step, const MinedNegatives& mined);
  double factors(std::uint64_t step);
  double distillation(std::uint64_t step);
  double mined_triplet(std::uint64_t step, const MinedNegatives& mined);

  // The same of a batch that is given; `step` is for what is drawn within it.
  double embedding(std::span<const Pair> pairs, std::uint64_t step);
  double matching(std::span<const LabelledPair> pairs, std::uint64_t step);

  // Captions of the last batch, for messages, and how many pairs it had.
  std::string last_batch() const;
  std::size_t last_pairs() const { return last_captions_.size(); }

 private:
  // A vector of each caption and each picture.
  struct Embedded {
    at::Tensor captions;  // pairs × width
    at::Tensor images;    // pairs × embeddings each × width
  };
  Embedded embed(std::span<const Pair> pairs, StepKind kind, std::uint64_t step) const;
  // Of the whole batch, of all processes; a loss of them; gradients through the network.
  template <typename Loss>
  double through_embeddings(std::span<const Pair> pairs, StepKind kind, std::uint64_t step, Loss loss);
  // What the teacher's match says of each pair's caption with the pictures of the pairs `columns`.
  at::Tensor teach(std::span<const Pair> pairs, const at::Tensor& columns, std::uint64_t step) const;
  // Of a batch by the embeddings of now: captions × pictures.
  at::Tensor batch_cosines(std::span<const Pair> pairs, std::uint64_t step) const;

  std::vector<View> views(const Pictures& pictures, std::span<const std::size_t> images, StepKind kind,
                          std::uint64_t step) const;
  std::vector<models::ImageGroup> read(const Pictures& pictures, std::span<const std::size_t> images,
                                       StepKind kind, std::uint64_t step) const;
  // Of a step that comes, so that it need not wait for files.
  void read_ahead(StepKind kind, std::size_t size, std::uint64_t step) const;
  static std::vector<TokenIds> texts(std::span<const TokenIds> captions, std::span<const std::size_t> which);
  void seed_dropout(StepKind kind, std::uint64_t step, std::size_t first) const;
  void remember(std::span<const Pair> pairs);

  StepContext context_;
  std::vector<std::size_t> last_captions_;
};

}  // namespace tandem::training
