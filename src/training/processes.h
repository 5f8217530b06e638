// Processes that train one model together, each a part of every batch (data parallelism).
//
// For one thread. Every process calls the same methods in the same order.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace tandem::training {

class Processes {
 public:
  virtual ~Processes() = default;
  virtual std::size_t rank() const = 0;
  virtual std::size_t count() const = 0;
  // The rows of all processes, by rank; each may have another number of them.
  virtual at::Tensor gather_rows(const at::Tensor& rows) = 0;
  // Replaces `values` by the sum over all processes.
  virtual void add_up(at::Tensor& values) = 0;

  // Whether it holds in any of them; each of them comes here before one goes on.
  bool any(bool here) {
    at::Tensor votes = torch::full({1}, here ? 1 : 0, at::kLong);
    add_up(votes);
    return votes.item<std::int64_t>() > 0;
  }

  // The part [first, end) of `items` that is this process's.
  std::pair<std::size_t, std::size_t> part(std::size_t items) const {
    return {items * rank() / count(), items * (rank() + 1) / count()};
  }

  // As the environment says, by torchrun's names: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT; without
  // WORLD_SIZE one process alone. Throws InvalidArgument where they are not numbers that fit, Backend where
  // the others cannot be reached.
  static std::unique_ptr<Processes> from_environment();
  static std::unique_ptr<Processes> alone();
};

}  // namespace tandem::training
