#include "models/precision.h"

#include <algorithm>
#include <string>
#include <vector>

#include "nn/int8_rows.h"
#include "nn/transformer.h"

namespace tandem::models {

void set_precision(Network& network, const ModelOptions& options) {
  if (options.match_precision != options.precision) network.set_match_precision(*options.match_precision);
  const std::vector<std::string> tower = network.tower();
  for (const auto& item : network.named_modules("", /*include_self=*/false)) {
    auto* layer = dynamic_cast<nn::TransformerLayerImpl*>(item.value().get());
    if (layer == nullptr) continue;
    const std::string name = item.key() + ".";
    const bool in_tower =
        std::ranges::any_of(tower, [&](const auto& part) { return name.starts_with(part); });
    layer->set_precision(in_tower ? options.tower_precision : options.precision);
  }
}

ModelOptions with_match_precision(const ModelOptions& options, Precision recommended) {
  ModelOptions chosen = options;
  if (chosen.match_precision) return chosen;
  // Without these instructions int8 is slower than float32.
  const bool is_fast = recommended == Precision::kInt8 && nn::multiplies_bytes();
  chosen.match_precision = options.precision == Precision::kFp32 && is_fast ? recommended : options.precision;
  return chosen;
}

}  // namespace tandem::models
