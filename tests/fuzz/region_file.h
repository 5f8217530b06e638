// What the fuzz targets for region files share.
//
// For one thread.
#pragma once

#include <cmath>
#include <string>

#include "fuzz.h"
#include "regions/formats.h"
#include "support/memory_files.h"

namespace tandem::fuzz {

// Opens the input as the file `name` and reads every picture of it.
inline void read_regions(const char* name, const std::uint8_t* data, std::size_t size) {
  MemoryFiles files;
  files.set(name, std::string(as_text(data, size)));
  const RegionLimits limits{.max_regions = 100, .max_bytes = 1 << 16};
  accepts([&] {
    const auto file = regions::open_file(name, limits, files);
    require(!file->ids().empty(), "a file that opens has a picture");
    for (const std::string& id : file->ids()) {
      accepts([&] {
        const Regions regions = file->read(id);
        const Matrix& boxes = regions.boxes;
        require(boxes.rows() > 0 && boxes.rows() <= limits.max_regions && boxes.columns() == 4,
                "boxes within the limits");
        require(regions.features.rows() == boxes.rows(), "as many features as boxes");
        require((boxes.size() + regions.features.size()) * sizeof(float) <= limits.max_bytes,
                "no more than the limits");
        for (std::size_t i = 0; i < boxes.rows(); ++i) {
          const auto box = boxes.row(i);
          require(0 <= box[0] && box[0] <= box[2] && 0 <= box[1] && box[1] <= box[3],
                  "boxes begin before they end");
          for (const float value : regions.features.row(i))
            require(std::isfinite(value), "features are finite");
        }
        require(file->content_hash(id) == file->content_hash(id), "a hash is the same each time");
      });
    }
  });
}

}  // namespace tandem::fuzz
