// An object detector, as a TorchScript program: it finds in photos what models that read regions want.
//
// A detector is a program and runs in this process, with all that this process may do. Const methods may be
// called from many threads; one picture is looked at at a time, so that memory is that of one.
#pragma once

#include <torch/script.h>

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>

#include "core/file_system.h"
#include "tandem/image.h"
#include "tandem/regions.h"

namespace tandem::models {

class Detector {
 public:
  // Throws NotFound; BadFormat where the file is no TorchScript program for the CPU, or one without
  // forward(Tensor) -> (Tensor, Tensor, List[str]).
  Detector(const std::filesystem::path& file, const FileSystem& files);

  // The first regions that it finds, at most `max_regions`; the same for a picture whatever was read before
  // it. Boxes are clipped to the picture, labels become tags. Throws BadFormat, naming the file, with the
  // script's own words where it fails, for no regions, for features that are not `feature_width` wide and for
  // what region files are refused for; Backend without memory; InvalidArgument for an image that is not
  // whole.
  Regions find(const Image& image, std::size_t max_regions, std::size_t feature_width) const;

  // Hex digest of the file.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  std::string file_;  // its path, for messages
  std::string fingerprint_;
  mutable torch::jit::Module module_;
  mutable std::mutex one_picture_;
};

}  // namespace tandem::models
