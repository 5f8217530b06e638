#include "core/int8.h"

#include "core/vectorised.h"

namespace tandem {

TANDEM_VECTORISED void from_int8(std::span<const std::byte> steps, float scale, std::span<float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(static_cast<signed char>(steps[i])) * scale;
  }
}

}  // namespace tandem
