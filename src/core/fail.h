// Throwing Error with a formatted one-line message.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "tandem/error.h"

namespace tandem {

template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tandem
