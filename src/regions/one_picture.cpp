#include "regions/one_picture.h"

#include <utility>

#include "core/fail.h"
#include "core/hash.h"
#include "regions/checked.h"

namespace tandem::regions {

OnePicture::OnePicture(const std::filesystem::path& path, const RegionLimits& limits,
                       std::shared_ptr<const MappedFile> file)
    : name_(path.string()), limits_(limits), file_(std::move(file)) {
  ids_.add(path.stem().string(), name_);
}

Regions OnePicture::read(const std::string& id) const {
  ids_.find(id, name_);
  const PictureArrays found = arrays();
  const auto& features = found.features.shape;
  const auto& boxes = found.boxes.shape;
  if (features.size() != 2 || boxes.size() != 2 || boxes[1] != 4 || boxes[0] != features[0]) {
    fail(ErrorCode::kBadFormat,
         "{}: found features {} and boxes {}, [regions, width] and [regions, 4] are wanted", name_,
         checkpoint::to_string(features), checkpoint::to_string(boxes));
  }
  check_size(static_cast<std::uint64_t>(features[0]), static_cast<std::uint64_t>(features[1]), limits_,
             name_);
  Regions regions;
  regions.image_width = picture_size(found.width, "width", name_);
  regions.image_height = picture_size(found.height, "height", name_);
  regions.boxes = to_matrix(found.boxes);
  regions.features = to_matrix(found.features);
  return checked(std::move(regions), name_);
}

std::uint64_t OnePicture::content_hash(const std::string& id) const {
  ids_.find(id, name_);
  return checksum64(file_->bytes());
}

double one_number(const checkpoint::TensorView& tensor, const std::string& name, const char* what) {
  if (tensor.count() != 1) {
    fail(ErrorCode::kBadFormat, "{}: {}: found {}, one number is wanted", name, what,
         checkpoint::to_string(tensor.shape));
  }
  float value = 0;
  read_f32(tensor, {&value, 1});
  return value;
}

Matrix to_matrix(const checkpoint::TensorView& tensor) {
  Matrix values(static_cast<std::size_t>(tensor.shape[0]), static_cast<std::size_t>(tensor.shape[1]));
  read_f32(tensor, {values.data(), values.size()});
  return values;
}

}  // namespace tandem::regions
