#include "image/preprocessor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/fail.h"
#include "core/hash.h"
#include "image/size_rule.h"

namespace tandem::image {
namespace {

constexpr std::size_t kMaxTargetSide = 16'384;             // that a configuration may ask for
constexpr std::size_t kMaxPixels = std::size_t{64} << 20;  // of a preprocessed picture

void check_side(std::size_t side, const char* field) {
  if (side == 0 || side > kMaxTargetSide) {
    fail(ErrorCode::kInvalidArgument, "preprocessing: {} is {}; a side is between 1 and {} pixels", field,
         side, kMaxTargetSide);
  }
}

void check_target(const ResizeTarget& target) {
  if (target.rule == SizeRule::kExact || target.rule == SizeRule::kFitInside) {
    check_side(target.height, "size.height");
    check_side(target.width, "size.width");
    return;
  }
  check_side(target.shortest_edge, "size.shortest_edge");
  if (target.rule == SizeRule::kMultipleOfSide) check_side(target.divisor, "size_divisor");
  if (target.rule == SizeRule::kShortestEdge && target.longest_edge != 0) {
    check_side(target.longest_edge, "size.longest_edge");
  }
}

// One axis of the centre crop.
struct CropAxis {
  std::size_t begin = 0;  // kept part of the picture
  std::size_t end = 0;
  std::size_t offset = 0;  // where it lies in the result
};

CropAxis center_crop(std::size_t side, std::size_t crop) {
  if (crop <= side) return {(side - crop) / 2, (side - crop) / 2 + crop, 0};
  // The reference pads to the size of the crop with the odd line in front.
  return {0, side, (crop - side + 1) / 2};
}

Image on_black(const Image& picture, Size size, std::size_t left, std::size_t top) {
  Image result{size.width, size.height, std::vector<std::uint8_t>(size.width * size.height * kChannels)};
  const std::size_t row = picture.width * kChannels;
  for (std::size_t y = 0; y < picture.height; ++y) {
    std::copy_n(&picture.rgb[y * row], row, &result.rgb[((y + top) * size.width + left) * kChannels]);
  }
  return result;
}

}  // namespace

void PreprocessConfig::validate() const {
  if (do_resize) check_target(size);
  if (do_center_crop) {
    check_side(crop_size.height, "crop_size.height");
    check_side(crop_size.width, "crop_size.width");
  }
  if (do_rescale && !std::isfinite(rescale_factor)) {
    fail(ErrorCode::kInvalidArgument, "preprocessing: rescale_factor is {}; a finite number is wanted",
         rescale_factor);
  }
  for (std::size_t c = 0; do_normalize && c < kChannels; ++c) {
    if (!std::isfinite(mean[c]) || !std::isfinite(std[c]) || std[c] == 0) {
      fail(ErrorCode::kInvalidArgument,
           "preprocessing: image_mean {} and image_std {} of channel {}; finite numbers and a std other than "
           "0 "
           "are wanted",
           mean[c], std[c], c);
    }
  }
}

std::size_t target_side(const PreprocessConfig& config) {
  if (!config.do_resize) return 0;
  const ResizeTarget& size = config.size;
  return std::max({size.height, size.width, size.shortest_edge, size.longest_edge});
}

Preprocessor::Preprocessor(const PreprocessConfig& config) : config_(config) { config_.validate(); }

Image Preprocessor::resized(const Image& image) const {
  if (image.width == 0 || image.height == 0) {
    fail(ErrorCode::kBadFormat, "preprocessing: a picture of {} × {} pixels has nothing to see", image.width,
         image.height);
  }
  const Size source{image.width, image.height};
  const Size size = config_.do_resize ? resized_size(config_.size, source) : source;
  const Size result = config_.do_center_crop ? config_.crop_size : size;
  if (size.width == 0 || size.height == 0 || result.width > kMaxPixels / result.height) {
    fail(ErrorCode::kBadFormat,
         "preprocessing: a picture of {} × {} pixels is too thin: it would become {} × {} for this model",
         image.width, image.height, result.width, result.height);
  }
  if (!config_.do_center_crop) return resample(image, size, config_.resample);
  // Only what the crop keeps is computed: of a thin picture the rest can be enormous.
  const CropAxis x = center_crop(size.width, result.width);
  const CropAxis y = center_crop(size.height, result.height);
  Image part = resample(image, size, config_.resample, {x.begin, y.begin, x.end, y.end});
  if (Size{part.width, part.height} == result) return part;
  return on_black(part, result, x.offset, y.offset);
}

PixelTensor Preprocessor::operator()(const Image& image) const {
  const Image picture = resized(image);
  const std::size_t pixels = picture.width * picture.height;
  PixelTensor tensor{kChannels, picture.height, picture.width, std::vector<float>(kChannels * pixels)};
  for (std::size_t c = 0; c < kChannels; ++c) {
    std::array<float, 256> value;  // of each 8-bit sample
    for (std::size_t i = 0; i < value.size(); ++i) {
      const double sample = static_cast<double>(i) * (config_.do_rescale ? config_.rescale_factor : 1.0);
      value[i] = static_cast<float>(sample);
      if (config_.do_normalize) value[i] = (value[i] - config_.mean[c]) / config_.std[c];
    }
    float* to = &tensor.values[c * pixels];
    for (std::size_t i = 0; i < pixels; ++i) to[i] = value[picture.rgb[i * kChannels + c]];
  }
  return tensor;
}

std::string Preprocessor::fingerprint() const {
  const ResizeTarget& size = config_.size;
  Fingerprint digest;
  digest.update("pillow resampling 1");
  if (config_.do_resize) {
    digest.update(fmt::format("|resize {} {} {} {} {} {} {}", static_cast<int>(size.rule), size.height,
                              size.width, size.shortest_edge, size.longest_edge, size.divisor,
                              static_cast<int>(config_.resample)));
  }
  if (config_.do_center_crop) {
    digest.update(fmt::format("|crop {} {}", config_.crop_size.height, config_.crop_size.width));
  }
  if (config_.do_rescale) digest.update(fmt::format("|rescale {}", config_.rescale_factor));
  for (std::size_t c = 0; config_.do_normalize && c < kChannels; ++c) {
    digest.update(fmt::format("|normalize {} {}", config_.mean[c], config_.std[c]));
  }
  return digest.hex();
}

}  // namespace tandem::image
