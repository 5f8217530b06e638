#include "models/precision.h"

#include "nn/int8_rows.h"
#include "nn/transformer.h"

namespace tandem::models {

void set_precision(Network& network, Part part, const ModelOptions& options) {
  const bool is_tower = part == Part::kTower;
  if (!is_tower && options.match_precision != options.precision) {
    network.set_match_precision(*options.match_precision);
  }
  for (const auto& item : network.named_modules("", /*include_self=*/false)) {
    auto* layer = dynamic_cast<nn::TransformerLayerImpl*>(item.value().get());
    if (layer == nullptr || network.part_of(item.key() + ".") != part) continue;
    layer->set_precision(is_tower ? options.tower_precision : options.precision);
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
