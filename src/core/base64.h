// Base64 (RFC 4648), decoding only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tandem {

// The bytes that `text` stands for, or nothing if it is not Base64 with its padding.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace tandem
