// calibration.json: how the logits of a model's match become probabilities.
//
//   {"scale": 3.1, "bias": -0.4, "fused": {"logit": 2.2, "similarity": 14.5, "bias": -9.1}}
//
// "fused", which is of logit and cosine together, may be left out.
// It may say more, which is passed over. save_calibration() of tandem/calibration.h writes it.
//
// Thread-safe: free functions.
#pragma once

#include <filesystem>
#include <optional>

#include "core/file_system.h"
#include "tandem/model.h"

namespace tandem::checkpoint {

inline constexpr const char* kCalibrationFile = "calibration.json";

// Nothing where the folder has none. Throws BadFormat for one without scale and bias, with a scale or a
// fused logit that is not above 0, with numbers that no float holds.
std::optional<Calibration> read_calibration(const std::filesystem::path& model_folder,
                                            const FileSystem& files);

}  // namespace tandem::checkpoint
