// CRC-32C (Castagnoli), the checksum of formats that others read. What the library keeps for itself is
// checked by checksum64() of hash.h.
//
// Thread-safe: a free function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tandem {

// As in RFC 3720 (iSCSI), appendix B.4; 0 of no bytes.
std::uint32_t crc32c(std::span<const std::byte> bytes);

}  // namespace tandem
