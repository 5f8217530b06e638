#include "nn/dropout.h"

namespace tandem::nn {

void set_dropout(torch::nn::Module& network, double probability) {
  network.apply([&](torch::nn::Module& module) {
    if (auto* dropping = dynamic_cast<DroppingModule*>(&module)) dropping->set_dropout(probability);
  });
}

}  // namespace tandem::nn
