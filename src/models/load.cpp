// Loading model folders: the public entry points of this room.
#include <functional>
#include <string>
#include <utility>

#include "checkpoint/calibration_file.h"
#include "core/fail.h"
#include "core/file_system.h"
#include "core/hash.h"
#include "core/log.h"
#include "models/library_errors.h"
#include "models/load_parts.h"
#include "models/precision.h"
#include "models/torch_model.h"

namespace tandem {
namespace {

using namespace models;

constexpr std::size_t kRememberedTexts = 16;  // queries under way at once

// All that embeddings depend on: weights, configuration, tokenizer.
std::string fingerprint(const LoadedParts& parts, const FileSystem& files) {
  const ModelFolder& folder = parts.folder;
  Fingerprint fingerprint;
  fingerprint.update(parts.weights_fingerprint);
  if (folder.weights) {
    fingerprint.update(folder.config.dump());
  } else {
    fingerprint.update(files.read(folder.path / "config.json", kMaxTextFile));
  }
  for (const auto& file : text::tokenizer_files(folder.tokenizer, parts.tokenizer_options.kind, files)) {
    fingerprint.update(files.read(file, kMaxTextFile));
  }
  return fingerprint.hex();
}

}  // namespace

std::shared_ptr<const Tokenizer> load_tokenizer(const std::filesystem::path& model_folder) {
  const FileSystem& files = FileSystem::system();
  const ModelFolder folder = open_model_folder(model_folder, files);
  return text::load_tokenizer_files(folder.tokenizer, family_of(folder).tokenizer(folder.config), files);
}

std::shared_ptr<const Model> Model::load(const std::filesystem::path& path, const ModelOptions& options) {
  const FileSystem& files = FileSystem::system();
  LoadedParts parts = load_parts(open_model_folder(path, files), options, files, Purpose::kUse);
  const ModelFolder& folder = parts.folder;
  Blueprint& blueprint = parts.blueprint;
  auto reader = make_image_reader(parts, options, files);
  const ModelOptions precise = with_match_precision(options, blueprint.info.match_precision);
  set_precision(*blueprint.network, Part::kRest, precise);
  std::function<void()> load_tower = [loader = std::move(parts.loader), network = blueprint.network, precise,
                                      path = folder.path] {
    with_typed_errors(path.string(), [&] { loader.load(Part::kTower); });
    set_precision(*network, Part::kTower, precise);
  };
  if (!options.defer_tower) std::exchange(load_tower, nullptr)();
  blueprint.network->remember_texts(kRememberedTexts);

  ModelInfo info = blueprint.info;
  info.family = parts.family->info.name;
  info.path = std::filesystem::weakly_canonical(folder.path);
  info.capabilities = blueprint.capabilities.value_or(parts.family->info.capabilities);
  info.families = model_families();
  info.reads_regions = std::holds_alternative<RegionSpec>(blueprint.images);
  if (info.reads_regions && !options.detector.empty()) {
    info.detector = std::filesystem::weakly_canonical(options.detector);
  }
  if (const auto* pixels = std::get_if<PixelSpec>(&blueprint.images)) {
    info.picture_side = image::target_side(pixels->preprocessing);
  }
  info.reads_photos = !info.reads_regions || !info.detector.empty();
  info.tower_precision = blueprint.network->tower().empty() ? options.precision : options.tower_precision;
  info.precision = options.precision;
  info.match_precision = *precise.match_precision;
  info.max_text_tokens = parts.tokenizer->max_length();
  info.calibration = checkpoint::read_calibration(folder.path, files).value_or(Calibration{});
  info.weights_fingerprint = fingerprint(parts, files);
  info.preprocessing_fingerprint = reader->fingerprint();
  log(LogLevel::kInfo, "loaded {} model {}", info.family, info.path.string());
  return std::make_shared<TorchModel>(std::move(info), std::move(blueprint.network),
                                      std::move(parts.tokenizer), std::move(reader),
                                      blueprint.vocabulary_size, std::move(load_tower));
}

}  // namespace tandem
