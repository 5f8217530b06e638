// Fingerprints and checksums by XXH3 (not cryptographic: they find accidents, not attacks).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace tandem {

// 64-bit checksum of a block.
std::uint64_t checksum64(std::span<const std::byte> bytes);

// 128-bit fingerprint of a stream of blocks.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(const Fingerprint&) = delete;
  Fingerprint& operator=(const Fingerprint&) = delete;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  // 32 hex digits of all that was given so far.
  std::string hex() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace tandem
