// A calibration as commands print it.
#pragma once

#include "cli/json.h"
#include "tandem/model.h"

namespace tandem::cli {

inline Json json_of(const Calibration& calibration) {
  const auto& fused = calibration.fused;
  return {{"scale", calibration.scale},
          {"bias", calibration.bias},
          {"fused",
           fused ? Json{{"logit", fused->logit}, {"similarity", fused->similarity}, {"bias", fused->bias}}
                 : Json()}};
}

}  // namespace tandem::cli
