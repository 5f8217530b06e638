// Inputs with right checksums: what lies behind a checksum is reached by no chance otherwise.
//
// Free functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/bytes.h"

namespace tandem::fuzz {

// `bytes` with their checksum behind them, as binary files end.
inline std::vector<std::byte> with_checksum(std::string_view bytes) {
  index::ByteWriter writer;
  writer.put_text(bytes);
  writer.put_checksum();
  return writer.take();
}

inline std::string as_string(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace tandem::fuzz
