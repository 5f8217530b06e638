// Files of one picture: the id is the file's name without the ending.
//
// Immutable: const methods may be called from many threads.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "checkpoint/tensor.h"
#include "core/file_system.h"
#include "regions/region_ids.h"
#include "tandem/regions.h"

namespace tandem::regions {

// What such a file has, whatever its form.
struct PictureArrays {
  checkpoint::TensorView features;
  checkpoint::TensorView boxes;
  double width = 0;
  double height = 0;
};

class OnePicture : public RegionFile {
 public:
  OnePicture(const std::filesystem::path& path, const RegionLimits& limits,
             std::shared_ptr<const MappedFile> file);

  const std::vector<std::string>& ids() const override { return ids_.ids(); }
  Regions read(const std::string& id) const override;
  std::uint64_t content_hash(const std::string& id) const override;

 protected:
  virtual PictureArrays arrays() const = 0;
  const std::string& name() const { return name_; }
  const RegionLimits& limits() const { return limits_; }

 private:
  std::string name_;
  RegionLimits limits_;
  std::shared_ptr<const MappedFile> file_;
  RegionIds ids_;
};

// The value of a tensor that has one. Throws BadFormat: "file: image_w: found [3], one number is wanted".
double one_number(const checkpoint::TensorView& tensor, const std::string& name, const char* what);

// Rows × columns of a tensor of two dimensions, within the limits.
Matrix to_matrix(const checkpoint::TensorView& tensor);

}  // namespace tandem::regions
