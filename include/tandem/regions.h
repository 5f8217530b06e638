// Region features: what an object detector found in a picture, in the place of its pixels.
//
// Models of the families OSCAR, UNITER and M3P see pictures so. Regions are values; a RegionFile is
// immutable, and its const methods may be called from many threads. A file must not change while it is open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "tandem/image.h"
#include "tandem/matrix.h"

namespace tandem {

// Region features of one picture, as an object detector found them (bottom-up attention).
struct Regions {
  std::size_t image_width = 0;  // of the picture, in pixels
  std::size_t image_height = 0;
  Matrix boxes;      // regions × 4: x1, y1, x2, y2 in pixels
  Matrix features;   // regions × feature width
  std::string tags;  // object labels joined by blanks; empty where none are known
};

// What is accepted of one picture. A model keeps the first regions up to its own limit.
struct RegionLimits {
  std::size_t max_regions = 100'000;
  std::uint64_t max_bytes = std::uint64_t{1} << 30;  // of its boxes and features
  void validate() const;                             // InvalidArgument where one is 0
};

// A file with the regions of one picture or of many:
//   .npz  one picture: arrays x, bbox, image_w, image_h; stored or deflated; other arrays are not read
//   .tsv  many: id, width, height, number of regions, boxes, features; the last two in Base64
//   .pt   many, as OSCAR has them: id -> features and six numbers of the box; its pictures are 1 × 1 large
//   .pt   one, as M3P has them: features, boxes, img_w, img_h; a number of boxes beside is not looked at
// The id of a file of one picture is its name without the ending.
class RegionFile {
 public:
  // Finds the pictures and reads none of them; a .tsv is gone through once. Throws NotFound; InvalidArgument
  // for another ending; Unsupported for a pickle that holds more than plain data; BadFormat, with the place,
  // where the file is not of its form, an id is empty, not UTF-8 or there twice, or there is no picture.
  static std::shared_ptr<const RegionFile> open(const std::filesystem::path& path,
                                                const RegionLimits& limits = {});
  virtual ~RegionFile() = default;

  // In the order of the file.
  virtual const std::vector<std::string>& ids() const = 0;
  // Reads this picture alone from disk; tags are left empty. Boxes that reach beyond the picture are
  // clipped to it. Throws NotFound for an id that is not there; BadFormat where the picture has no regions
  // or more than the limits, boxes and features are not equally many, their numbers are not finite, a box
  // ends before it begins, the picture has no width or height, or its features are not as wide as those of
  // the file's first picture.
  virtual Regions read(const std::string& id) const = 0;
  // Checksum of what the file has of this picture: the same as long as it is the same. NotFound as above.
  virtual std::uint64_t content_hash(const std::string& id) const = 0;
};

// By its name: whether it ends in .npz, .tsv or .pt, which no photo does.
bool is_region_file(const std::filesystem::path& path);

// A picture as a user has it.
using Picture = std::variant<Image, Regions>;

// Object labels, joined by blanks, by the ids of pictures.
using TagsById = std::map<std::string, std::string>;

// A .pt holds a dict id -> text; any other file has
// one JSON object on each line: {"image": ID, "tags": TEXT}. Ids may be numbers. Throws NotFound, and
// BadFormat, with the place, where the file is not of its form or has an id twice.
TagsById read_tags(const std::filesystem::path& path);

// The picture that a path names: a photo, a region file of one picture, or `FILE#ID`, one of a region file
// with many. Regions get the `tags` of their id; in a file of one picture also those of the file's name, with
// or without its ending, or of its path. Throws what load_image() throws, or RegionFile; InvalidArgument for
// a file with many without an id.
Picture load_picture(const std::filesystem::path& path, const ImageLimits& limits = {},
                     const TagsById& tags = {});

}  // namespace tandem
