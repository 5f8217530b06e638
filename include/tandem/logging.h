// Log messages. The library is silent until a level is chosen; messages go to standard error.
//
// Thread-safe.
#pragma once

namespace tandem {

enum class LogLevel { kOff, kError, kWarning, kInfo, kDebug };

void set_log_level(LogLevel level);

}  // namespace tandem
