// Letters of ASCII, whatever the locale.
//
// Thread-safe: a free function.
#pragma once

#include <string>

namespace tandem {

// `text` with A to Z in lower case; every other byte stays as it is.
std::string ascii_lower(std::string text);

}  // namespace tandem
