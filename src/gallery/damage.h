// What is wrong with a gallery: everything that one look finds, named and in a form that a repair works with.
//
// Values and a free function.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "gallery/catalogue.h"
#include "gallery/segment_condition.h"
#include "tandem/gallery.h"

namespace tandem::gallery {

struct Damage {
  VerifyReport report;
  std::filesystem::path folder;  // absolute, links followed
  // False where the manifest or the catalogue is lost: the report says why, and all below is empty.
  bool readable = false;
  Manifest manifest;
  bool manifest_file = false;  // manifest.json is damaged; `manifest` is what it should say
  // What the catalogue says; of a damaged one what is left of it, made to fit together.
  CatalogueContents contents;
  bool catalogue = false;           // the file is damaged
  bool checksum = false;            // catalogue.checksum, or bytes of the catalogue that nothing depends on
  std::vector<std::string> losses;  // records of it that are gone
  std::map<std::int64_t, SegmentCondition> segments;
  // Found by a deep look only. Those whose rows, or for a picture its tokens, are not what was written.
  std::set<ImageId> images;
  std::set<CaptionId> captions;
  std::vector<std::size_t> holes;  // their places in contents.holes
  bool snapshot = false;
};

// Throws NotFound where there is no gallery, VersionTooNew, Cancelled.
Damage find_damage(const FileSystem& files, const std::filesystem::path& folder, bool deep,
                   std::stop_token stop);

}  // namespace tandem::gallery
