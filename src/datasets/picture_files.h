// Where the pictures of a dataset are: photos in folders, or regions by their ids.
//
// For one thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/file_system.h"

namespace tandem::datasets {

// A picture as the data names it.
struct PictureName {
  std::string id;
  std::filesystem::path name;    // relative to the folder of the pictures, or absolute
  std::filesystem::path folder;  // a folder between the two that may be there or not; mostly empty
};

// A file, and whether it is there.
struct PictureFile {
  std::filesystem::path file;
  bool found = false;
};

class PictureFiles {
 public:
  // `images`, or empty: below `beside`, or below `beside`/images.
  PictureFiles(const FileSystem& files, const std::filesystem::path& images,
               const std::filesystem::path& beside);
  // By the pictures in a region file, or in all region files of a folder: .npz, .tsv and .pt. Throws what
  // RegionFile throws; InvalidArgument where two pictures have one id, or a folder has no region files.
  static PictureFiles of_regions(const FileSystem& files, const std::filesystem::path& regions);

  PictureFile find(const PictureName& picture) const;

 private:
  explicit PictureFiles(const FileSystem& files) : files_(files) {}
  void add_regions(const std::filesystem::path& file);
  void add_region(const std::string& id, const std::filesystem::path& name);

  const FileSystem& files_;
  std::vector<std::filesystem::path> folders_;                 // absolute; none of regions
  std::map<std::string, std::filesystem::path> region_names_;  // by id
};

}  // namespace tandem::datasets
