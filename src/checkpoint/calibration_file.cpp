#include "checkpoint/calibration_file.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "checkpoint/model_config.h"
#include "core/fail.h"
#include "core/utf8.h"
#include "tandem/calibration.h"

namespace tandem {
namespace checkpoint {
namespace {

float finite(const Config& config, const char* key) {
  const auto value = static_cast<float>(config.get_float(key));
  if (!std::isfinite(value)) config.reject(key, "a number that a float holds");
  return value;
}

Calibration parsed(const Config& config) {
  Calibration calibration{finite(config, "scale"), finite(config, "bias")};
  if (!(calibration.scale > 0)) config.reject("scale", "a number above 0");
  if (const auto fused = config.find_object("fused")) {
    calibration.fused = {finite(*fused, "logit"), finite(*fused, "similarity"), finite(*fused, "bias")};
    if (!(calibration.fused->logit > 0)) fused->reject("logit", "a number above 0");
    if (!(calibration.fused->similarity >= 0)) fused->reject("similarity", "a number that is not below 0");
  }
  return calibration;
}

}  // namespace

std::optional<Calibration> read_calibration(const std::filesystem::path& model_folder,
                                            const FileSystem& files) {
  const std::filesystem::path file = model_folder / kCalibrationFile;
  if (files.status(file).kind == FileKind::kMissing) return std::nullopt;
  try {
    return parsed(Config::read(file, files));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kBadFormat) throw;
    fail(ErrorCode::kBadFormat, "{}; fit it anew with tandem calibrate, or remove the file", error.what());
  }
}

}  // namespace checkpoint

namespace {

// As fit_calibration() gives it.
bool is_sound(const Calibration& calibration) {
  const bool alone =
      calibration.scale > 0 && std::isfinite(calibration.scale) && std::isfinite(calibration.bias);
  if (!calibration.fused) return alone;
  const auto [logit, similarity, bias] = *calibration.fused;
  return alone && logit > 0 && similarity >= 0 && std::isfinite(logit) && std::isfinite(similarity) &&
         std::isfinite(bias);
}

}  // namespace

void save_calibration(const std::filesystem::path& model_folder, const Calibration& calibration,
                      const CalibrationNotes& notes) {
  if (!is_sound(calibration)) {
    fail(ErrorCode::kInvalidArgument,
         "calibration: a scale of {} and a bias of {}; a scale above 0 and a finite bias are wanted, and so "
         "of "
         "both scores together, as fit_calibration() gives them",
         calibration.scale, calibration.bias);
  }
  nlohmann::ordered_json json = {{"scale", calibration.scale}, {"bias", calibration.bias}};
  if (const auto& fused = calibration.fused) {
    json["fused"] = {{"logit", fused->logit}, {"similarity", fused->similarity}, {"bias", fused->bias}};
  }
  json.update({{"pairs", notes.pairs},
               {"ece_before", notes.ece_before},
               {"ece_after", notes.ece_after},
               {"data", printable_utf8(notes.data)}});
  replace_file(FileSystem::system(), model_folder / checkpoint::kCalibrationFile, json.dump(2) + "\n");
}

}  // namespace tandem
