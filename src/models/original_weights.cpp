#include "models/original_weights.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/fail.h"

namespace tandem::models {

using checkpoint::Weights;

std::optional<Weights> open_single_file(const std::filesystem::path& folder, const std::string& extension,
                                        const FileSystem& files) {
  if (files.status(folder).kind != FileKind::kFolder) return std::nullopt;
  std::vector<std::filesystem::path> found = files.list(folder);
  std::erase_if(found, [&](const std::filesystem::path& name) { return name.extension() != extension; });
  if (found.size() != 1) return std::nullopt;
  return Weights::open_file(folder / found.front(), files);
}

ModelFolder original_folder(const std::filesystem::path& folder, const nlohmann::json& config,
                            const nlohmann::json& preprocessing, Weights weights) {
  const std::string place = weights.folder().string();
  return {folder, checkpoint::Config::parse(config.dump(), place), folder, std::move(weights),
          TextFile{place, preprocessing.dump(2) + "\n"}};
}

std::int64_t side_of(const Weights& weights, const std::string& name, std::size_t dimension) {
  const checkpoint::TensorView* tensor = weights.find(name);
  if (tensor == nullptr || tensor->shape.size() <= dimension) {
    fail(ErrorCode::kBadFormat, "{}: has no weight {} of the right shape", weights.folder().string(), name);
  }
  return tensor->shape[dimension];
}

std::int64_t count_layers(const Weights& weights, const std::string& before, const std::string& after) {
  std::int64_t layers = 0;
  while (weights.find(fmt::format("{}{}{}", before, layers, after)) != nullptr) ++layers;
  return layers;
}

std::int64_t heads_of_64(const Weights& weights, std::int64_t width) {
  if (width <= 0 || width % 64 != 0) {
    fail(
        ErrorCode::kBadFormat,
        "{}: a transformer that is {} wide; a multiple of 64 is wanted, the width of a head, which no weight "
        "tells; give the folder a config.json",
        weights.folder().string(), width);
  }
  return width / 64;
}

std::int64_t square_side(const Weights& weights, std::int64_t positions) {
  const auto side = static_cast<std::int64_t>(
      std::llround(std::sqrt(std::max<double>(0, static_cast<double>(positions) - 1))));
  if (side < 1 || side * side != positions - 1) {
    fail(ErrorCode::kBadFormat, "{}: {} positions of patches; one more than a square number is wanted",
         weights.folder().string(), positions);
  }
  return side;
}

}  // namespace tandem::models
