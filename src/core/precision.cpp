#include "tandem/precision.h"

#include <array>
#include <utility>

#include "core/fail.h"

namespace tandem {
namespace {

constexpr std::array<std::pair<Precision, const char*>, 3> kNames = {
    {{Precision::kFp32, "fp32"}, {Precision::kBf16, "bf16"}, {Precision::kInt8, "int8"}}};

}  // namespace

const char* to_string(Precision precision) noexcept {
  for (const auto& [known, name] : kNames) {
    if (known == precision) return name;
  }
  return "unknown";
}

Precision parse_precision(const std::string& name) {
  for (const auto& [precision, known] : kNames) {
    if (name == known) return precision;
  }
  fail(ErrorCode::kInvalidArgument, "precision \"{}\" is not known; fp32, bf16 and int8 are", name);
}

}  // namespace tandem
