// Logging for the library's own use; silent until set_log_level().
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "tandem/logging.h"

namespace tandem {

// Writes `message` on one line at `level`, or nothing if the level is not enabled.
void log_message(LogLevel level, const std::string& message);

template <typename... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  log_message(level, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tandem
