// A catalogue made anew of what is left of a damaged one: it fits together, nothing in it is made up, and as
// much as can be found out stays.
//
// A value and a free function.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/file_system.h"
#include "gallery/catalogue.h"
#include "gallery/salvaged_rows.h"

namespace tandem::gallery {

struct RebuiltCatalogue {
  // Pictures and captions whose rows are not known any more have rows of zeros, in segments that are not
  // there yet, with checksums that do not fit: they are damaged as others are, and computed anew like them.
  // The checksums of holes are left to be made.
  CatalogueContents contents;
  std::int64_t first_new_segment = 0;  // those from here on are for rows of zeros
  std::vector<std::string> losses;     // what could not be kept, one line each
};

// `files` and `folder` tell which of several paths is there.
RebuiltCatalogue rebuild_catalogue(SalvagedRows rows, const Manifest& manifest, const FileSystem& files,
                                   const std::filesystem::path& folder);

}  // namespace tandem::gallery
