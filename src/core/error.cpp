#include "tandem/error.h"

#include <array>

namespace tandem {
namespace {

struct Row {
  const char* name;
  int exit_status;
};

// Indexed by ErrorCode.
constexpr std::array<Row, 8> kTable = {{
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

const char* to_string(ErrorCode code) noexcept { return kTable[static_cast<std::size_t>(code)].name; }

int exit_status(ErrorCode code) noexcept { return kTable[static_cast<std::size_t>(code)].exit_status; }

}  // namespace tandem
