// What the benchmarks work on: the default model and the demo photos, loaded once.
//
// For one thread. Two threads compute, whatever the machine has, so that results can be compared.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tandem/image.h"
#include "tandem/indexing.h"
#include "tandem/model.h"
#include "tandem/text.h"

namespace tandem::bench {

inline const std::shared_ptr<const Model>& default_model() {
  static const auto model = [] {
    set_num_threads(2);
    return Model::load(default_model_folder());
  }();
  return model;
}

// The first `count` demo photos by name, decoded.
inline std::vector<Image> photos(std::size_t count) {
  const std::vector<std::filesystem::path> folder{TANDEM_PHOTOS};
  std::vector<std::filesystem::path> paths = find_pictures(folder);
  paths.resize(std::min(count, paths.size()));
  std::vector<Image> images;
  for (const auto& path : paths) images.push_back(load_image(path));
  return images;
}

// `count` queries of usual length.
inline std::vector<Text> queries(std::size_t count) {
  std::vector<Text> texts;
  for (std::size_t i = 0; i < count; ++i) {
    texts.emplace_back("a small brown dog runs over green grass after ball number " + std::to_string(i));
  }
  return texts;
}

}  // namespace tandem::bench
