// UTF-8 checks.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tandem {

// Offset of the first byte that is not part of well-formed UTF-8 (RFC 3629), or nothing.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

// Throws InvalidArgument: "<what>: invalid UTF-8 at byte N; ..." if `text` is not well-formed.
void require_utf8(std::string_view text, std::string_view what);

// `text` on one line: every ill-formed sequence replaced by U+FFFD and control characters escaped ("\n",
// "\x1b"). For showing, never for storing; what is printable already stays as it is.
std::string printable_utf8(std::string_view text);

}  // namespace tandem
