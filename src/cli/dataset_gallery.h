// What commands that measure on a dataset share: which data, and its pictures in a gallery.
//
// For one thread.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/command.h"
#include "tandem/datasets.h"
#include "tandem/gallery.h"

namespace tandem::cli {

// --data PATH, --format, --images, --region-files, --tags-file, --split, --limit, --assume-language.
struct DatasetChoice {
  std::string data;
  std::string format;
  DatasetOptions options;
  PictureFiles pictures;

  // --format, --images and --region-files alone.
  void add_layout_to(CLI::App& app);
  // `split`: what --help says that is taken without --split.
  void add_to(CLI::App& app, const std::string& split);
  // Tells on standard error what was found in the data. Throws what load_dataset() throws.
  LoadedDataset load(const Context& context) const;
};

// A gallery in `folder` with the dataset's pictures, which tells of its progress. `tokens`: of a new one.
std::shared_ptr<const Gallery> index_dataset(const std::filesystem::path& folder, const ModelPair& models,
                                             const Dataset& dataset, TokenStorage tokens,
                                             const std::string& tags_file, const Context& context);

}  // namespace tandem::cli
