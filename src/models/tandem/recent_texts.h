// The states of the texts that were read last, since a query is embedded first and matched then.
//
// Methods may be called from many threads, but for remember().
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <span>

namespace tandem::models {

class RecentTexts {
 public:
  // tokens × width, of one text.
  struct States {
    at::Tensor input;      // what the shared layers read
    at::Tensor apart;      // behind those that it goes through apart
    at::Tensor embedding;  // 1 × width; undefined where none was asked for yet
  };

  // How many texts to remember; at first none.
  void remember(std::size_t texts) { capacity_ = texts; }

  // ids: of each group texts × tokens. Of one text alone; nothing for others.
  std::optional<States> find(std::span<const at::Tensor> ids) const;
  // In the place of what is remembered of the same text.
  void add(std::span<const at::Tensor> ids, States states);

 private:
  struct Text {
    at::Tensor ids;
    States states;
  };

  std::size_t capacity_ = 0;
  mutable std::mutex mutex_;
  std::deque<Text> texts_;  // the last first
};

}  // namespace tandem::models
