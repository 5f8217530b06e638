// Files of torch.save: one picture as M3P has it, or many as OSCAR has them. Their keys tell them apart.
#include <cstring>
#include <utility>

#include "checkpoint/json.h"
#include "checkpoint/torch_file.h"
#include "core/fail.h"
#include "core/hash.h"
#include "regions/checked.h"
#include "regions/formats.h"
#include "regions/one_picture.h"
#include "regions/torch_ids.h"

namespace tandem::regions {
namespace {

using checkpoint::PickleKind;
using checkpoint::PickleValue;
using checkpoint::TensorView;

class M3pRegions final : public OnePicture {
 public:
  M3pRegions(const std::filesystem::path& path, const RegionLimits& limits,
             std::shared_ptr<const MappedFile> file, PickleValue dict)
      : OnePicture(path, limits, std::move(file)), dict_(std::move(dict)) {}

 private:
  PickleValue value(const char* key) const {
    if (auto found = dict_.find(key)) return *std::move(found);
    fail(ErrorCode::kBadFormat, "{}: {} is missing; features, boxes, img_w and img_h are wanted", name(),
         key);
  }

  double number(const char* key) const {
    const PickleValue found = value(key);
    return found.is(PickleKind::kTensor) ? one_number(found.tensor(), name(), key) : found.number();
  }

  PictureArrays arrays() const override {
    return {value("features").tensor(), value("boxes").tensor(), number("img_w"), number("img_h")};
  }

  PickleValue dict_;
};

// Behind the features of a region stand six numbers of its box, as parts of the picture's width and height:
// x1, y1, x2, y2, width, height.
constexpr std::size_t kBoxColumns = 6;

class OscarRegions final : public RegionFile {
 public:
  OscarRegions(const std::filesystem::path& path, const RegionLimits& limits, PickleValue dict)
      : name_(path.string()), limits_(limits), dict_(std::move(dict)) {
    if (dict_.size() == 0) fail(ErrorCode::kBadFormat, "{}: no picture in it", name_);
    for (std::size_t i = 0; i < dict_.size(); ++i) ids_.add(torch_id(dict_.key(i), name_), name_);
    width_ = columns(dict_.value(0).shape(), picture_place(name_, ids_.ids()[0]));
  }

  const std::vector<std::string>& ids() const override { return ids_.ids(); }

  Regions read(const std::string& id) const override {
    const PickleValue value = dict_.value(ids_.find(id, name_));
    const std::string place = picture_place(name_, id);
    const std::size_t width = columns(value.shape(), place);
    if (width != width_) {
      fail(ErrorCode::kBadFormat, "{}: rows of {} numbers, those of the first picture have {}", place, width,
           width_);
    }
    check_size(static_cast<std::uint64_t>(value.shape()[0]), width, limits_, place);
    return checked(split(to_matrix(value.tensor())), place);
  }

  std::uint64_t content_hash(const std::string& id) const override {
    const TensorView tensor = dict_.value(ids_.find(id, name_)).tensor();
    return checksum64(tensor.bytes);
  }

 private:
  static std::size_t columns(const checkpoint::Shape& shape, const std::string& place) {
    if (shape.size() == 2 && shape[1] > static_cast<std::int64_t>(kBoxColumns))
      return static_cast<std::size_t>(shape[1]);
    fail(ErrorCode::kBadFormat,
         "{}: found a tensor {}, [regions, features and {} numbers of the box] is wanted", place,
         checkpoint::to_string(shape), kBoxColumns);
  }

  static Regions split(const Matrix& rows) {
    const std::size_t width = rows.columns() - kBoxColumns;
    Regions regions{1, 1, Matrix(rows.rows(), 4), Matrix(rows.rows(), width), ""};
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const float* row = rows.row(i).data();
      std::memcpy(regions.features.row(i).data(), row, width * sizeof(float));
      std::memcpy(regions.boxes.row(i).data(), row + width, 4 * sizeof(float));
    }
    return regions;
  }

  std::string name_;
  RegionLimits limits_;
  PickleValue dict_;
  RegionIds ids_;
  std::size_t width_ = 0;
};

}  // namespace

std::shared_ptr<const RegionFile> open_torch(const std::filesystem::path& path, const RegionLimits& limits,
                                             const FileSystem& files) {
  auto file = files.map(path);
  PickleValue dict = checkpoint::read_torch_file(file, path.string());
  if (!dict.is(PickleKind::kDict)) {
    fail(ErrorCode::kBadFormat, "{}: found {}, a dict of regions is wanted", path.string(), dict.describe());
  }
  if (dict.find("features") && dict.find("boxes")) {
    return std::make_shared<M3pRegions>(path, limits, std::move(file), std::move(dict));
  }
  return std::make_shared<OscarRegions>(path, limits, std::move(dict));
}

}  // namespace tandem::regions
