// What the fuzz targets of dataset formats share.
//
// For one thread.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "datasets/builder.h"
#include "fuzz.h"
#include "support/memory_files.h"

namespace tandem::fuzz {

// Runs `read` on a builder, and says what must hold of every dataset. The pictures are in /data.
template <typename Read>
void build_dataset(const MemoryFiles& files, DatasetFormat format, Read read) {
  accepts([&] {
    datasets::DatasetBuilder builder(format);
    read(builder);
    const datasets::PictureFiles pictures(files, "/data", {});
    const LoadedDataset loaded = std::move(builder).finish({.split = "all"}, pictures, "/data");
    std::set<std::string> ids;
    for (const DatasetImage& image : loaded.dataset.images) {
      require(ids.insert(image.id).second, "ids are unique");
      require(!first_invalid_utf8(image.id), "ids are UTF-8");
      require(image.file.is_absolute(), "files are absolute");
    }
    for (const DatasetCaption& caption : loaded.dataset.captions) {
      require(caption.image < loaded.dataset.images.size(), "captions have a picture");
      require(!first_invalid_utf8(caption.text.text), "captions are UTF-8");
      require(!caption.text.text.empty(), "captions are not empty");
    }
  });
}

}  // namespace tandem::fuzz
