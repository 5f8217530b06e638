#include "models/precision.h"

#include <algorithm>
#include <string>
#include <vector>

#include "nn/transformer.h"

namespace tandem::models {

void set_precision(Network& network, const ModelOptions& options) {
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

}  // namespace tandem::models
