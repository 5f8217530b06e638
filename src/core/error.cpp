#include "tandem/error.h"

#include <array>

#include "core/utf8.h"

namespace tandem {
namespace {

struct Row {
  const char* name;
  int exit_status;
};

// Indexed by ErrorCode.
constexpr std::array<Row, 8> kCodes = {{
    {"InvalidArgument", 2},
    {"NotFound", 3},
    {"BadFormat", 4},
    {"VersionTooNew", 5},
    {"Unsupported", 6},
    {"Backend", 7},
    {"Busy", 8},
    {"Cancelled", 130},
}};

}  // namespace

Error::Error(ErrorCode code, const std::string& message)
    : std::runtime_error(printable_utf8(message)), code_(code) {}

const char* to_string(ErrorCode code) noexcept { return kCodes[static_cast<std::size_t>(code)].name; }

int exit_status(ErrorCode code) noexcept { return kCodes[static_cast<std::size_t>(code)].exit_status; }

}  // namespace tandem
