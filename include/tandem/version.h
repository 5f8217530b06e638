// The version of the library.
#pragma once

namespace tandem {

// "0.1.0": major.minor.patch of the library that is linked.
const char* version() noexcept;

}  // namespace tandem
