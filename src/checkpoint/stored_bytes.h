// Bytes that lie in a mapped file or that were unpacked from one, with what keeps them alive.
//
// Immutable values, safe to share between threads.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/file_system.h"

namespace tandem::checkpoint {

struct StoredBytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const MappedFile> owner;
};

// Bytes in memory in the place of a mapped file.
class OwnedBytes final : public MappedFile {
 public:
  explicit OwnedBytes(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  std::span<const std::byte> bytes() const override { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

inline StoredBytes own(std::vector<std::byte> bytes) {
  auto owner = std::make_shared<const OwnedBytes>(std::move(bytes));
  const auto view = owner->bytes();
  return {view, std::move(owner)};
}

}  // namespace tandem::checkpoint
