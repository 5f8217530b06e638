// Pieces of text in error messages.
#pragma once

#include <string>
#include <string_view>

namespace tandem::text {

// `text` in quotes on one line: control characters and ill-formed UTF-8 escaped or replaced, long text cut.
std::string shown(std::string_view text);

}  // namespace tandem::text
