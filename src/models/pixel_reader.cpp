// Photos: preprocessed to pixels, grouped by size.
#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "models/group_by.h"
#include "models/image_reader.h"

namespace tandem::models {
namespace {

class PixelReader final : public ImageReader {
 public:
  PixelReader(const PixelSpec& spec, const std::string& model)
      : preprocessor_(spec.preprocessing), side_(spec.side), model_(model) {
    if (side_ != 0) require_side();
  }

  ImageInput preprocess(const Image& image) const override { return preprocessor_(image); }
  std::vector<ImageGroup> group(std::span<const ImageInput> images) const override;
  std::string fingerprint() const override { return preprocessor_.fingerprint(); }

 private:
  // A preprocessor that does not give what the network reads is found now and not at the first picture.
  void require_side() const;
  const PixelTensor& checked(const ImageInput& image) const;

  image::Preprocessor preprocessor_;
  std::size_t side_;
  std::string model_;
};

void PixelReader::require_side() const {
  const Image sample{.width = 40, .height = 30, .rgb = std::vector<std::uint8_t>(40 * 30 * 3)};
  const PixelTensor pixels = preprocessor_(sample);
  if (pixels.height == side_ && pixels.width == side_) return;
  fail(ErrorCode::kBadFormat,
       "{}: its preprocessor makes pictures of {} x {}, but its network reads {} x {}; check size and "
       "crop_size",
       model_, pixels.height, pixels.width, side_, side_);
}

const PixelTensor& PixelReader::checked(const ImageInput& image) const {
  const auto* pixels = std::get_if<PixelTensor>(&image);
  if (pixels == nullptr) {
    fail(ErrorCode::kInvalidArgument, "{}: this model reads photos, not region features; give the photo",
         model_);
  }
  const bool square = side_ == 0 || (pixels->height == side_ && pixels->width == side_);
  if (pixels->channels != 3 || !square || pixels->values.empty() ||
      pixels->values.size() != 3 * pixels->height * pixels->width) {
    fail(ErrorCode::kInvalidArgument, "pixels of {} x {} x {}; 3 x {} are wanted", pixels->channels,
         pixels->height, pixels->width,
         side_ == 0 ? "height x width" : std::to_string(side_) + " x " + std::to_string(side_));
  }
  return *pixels;
}

std::vector<ImageGroup> PixelReader::group(std::span<const ImageInput> images) const {
  const auto by_size = group_by(images, [&](const ImageInput& image) {
    const PixelTensor& pixels = checked(image);
    return std::pair(pixels.height, pixels.width);
  });
  std::vector<ImageGroup> groups;
  for (const auto& [size, members] : by_size) {
    at::Tensor tensor =
        torch::empty({static_cast<std::int64_t>(members.size()), 3, static_cast<std::int64_t>(size.first),
                      static_cast<std::int64_t>(size.second)},
                     at::kFloat);
    float* out = tensor.data_ptr<float>();
    for (const std::size_t member : members) {
      out = std::ranges::copy(std::get<PixelTensor>(images[member]).values, out).out;
    }
    groups.push_back({members, {.pixels = std::move(tensor), .features = {}, .boxes = {}, .text = {}}});
  }
  return groups;
}

}  // namespace

std::unique_ptr<ImageReader> make_pixel_reader(const PixelSpec& spec, const std::string& model) {
  return std::make_unique<PixelReader>(spec, model);
}

}  // namespace tandem::models
