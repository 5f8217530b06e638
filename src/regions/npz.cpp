// One picture in a zip file of arrays, as numpy.savez and numpy.savez_compressed write it.
#include "checkpoint/zip_archive.h"
#include "core/fail.h"
#include "regions/formats.h"
#include "regions/npy.h"
#include "regions/one_picture.h"

namespace tandem::regions {
namespace {

constexpr std::uint64_t kMaxNumber = 1 << 16;  // bytes of an array of one number, header included

class NpzRegions final : public OnePicture {
 public:
  NpzRegions(const std::filesystem::path& path, const RegionLimits& limits,
             std::shared_ptr<const MappedFile> file)
      : OnePicture(path, limits, file), archive_(file, path.string()) {
    for (const char* array : {"x", "bbox", "image_w", "image_h"}) {
      if (archive_.contains(entry(array))) continue;
      fail(ErrorCode::kBadFormat, "{}: the array {} is missing; x, bbox, image_w and image_h are wanted",
           name(), array);
    }
  }

 private:
  static std::string entry(const char* array) { return std::string(array) + ".npy"; }

  checkpoint::TensorView array(const char* array, std::uint64_t max_bytes) const {
    return read_npy(archive_.read(entry(array), max_bytes), name() + ": " + array);
  }

  PictureArrays arrays() const override {
    const std::uint64_t most = 2 * limits().max_bytes + kMaxNumber;  // they may be float64
    return {array("x", most), array("bbox", most),
            one_number(array("image_w", kMaxNumber), name(), "image_w"),
            one_number(array("image_h", kMaxNumber), name(), "image_h")};
  }

  checkpoint::ZipArchive archive_;
};

}  // namespace

std::shared_ptr<const RegionFile> open_npz(const std::filesystem::path& path, const RegionLimits& limits,
                                           const FileSystem& files) {
  return std::make_shared<NpzRegions>(path, limits, files.map(path));
}

}  // namespace tandem::regions
