// From pictures to the tensors that a network reads: pixels for most families, regions for some.
//
// Immutable: const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "image/preprocessor.h"
#include "models/network.h"
#include "tandem/model.h"

namespace tandem::models {

class Detector;

// What a network reads of a picture.
struct PixelSpec {
  image::PreprocessConfig preprocessing;
  std::size_t side = 0;  // of the square; 0: pictures of any size
};
struct RegionSpec {
  std::size_t feature_width = 0;
  std::size_t max_regions = 0;
  bool tags = false;  // whether the names of the objects are read too
};

// Inputs that can go through the network together.
struct ImageGroup {
  std::vector<std::size_t> members;
  ImageBatch batch;
};

class ImageReader {
 public:
  virtual ~ImageReader() = default;
  // As Model::preprocess().
  virtual ImageInput preprocess(const Image& image) const = 0;
  // Every input is a member of one group. Throws InvalidArgument where one is not what the network reads.
  virtual std::vector<ImageGroup> group(std::span<const ImageInput> images) const = 0;
  // Hex digest of how pictures are brought to what the network reads.
  virtual std::string fingerprint() const = 0;
};

// `model` stands for it in messages. Throws BadFormat where the preprocessing does not make pictures of the
// size that the network reads.
std::unique_ptr<ImageReader> make_pixel_reader(const PixelSpec& spec, const std::string& model);
// `tokenizer`: for the tags. `detector`: finds regions in photos; null where none was given.
std::unique_ptr<ImageReader> make_region_reader(const RegionSpec& spec, const std::string& model,
                                                std::shared_ptr<const Tokenizer> tokenizer,
                                                std::unique_ptr<const Detector> detector);

}  // namespace tandem::models
