// The library that decodes by OpenCV.
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "image/opencv_decoder.h"

namespace tandem::image {
namespace {

// A sample over white: (value · alpha + 255 · (255 - alpha)) / 255, rounded as the reference rounds.
std::uint8_t over_white(unsigned value, unsigned alpha) {
  constexpr unsigned kPrecision = 7;
  const unsigned sum = ((value * alpha + 255 * (255 - alpha)) << kPrecision) + (128u << kPrecision);
  return static_cast<std::uint8_t>((((sum >> 8) + sum) >> 8) >> kPrecision);
}

// BGR or BGRA to RGB; of 16-bit samples the high byte counts.
template <typename Sample>
void to_rgb(const cv::Mat& pixels, std::uint8_t* rgb) {
  constexpr unsigned kShift = 8 * (sizeof(Sample) - 1);
  const std::size_t channels = static_cast<std::size_t>(pixels.channels());
  for (int y = 0; y < pixels.rows; ++y) {
    const Sample* pixel = pixels.ptr<Sample>(y);
    for (int x = 0; x < pixels.cols; ++x, pixel += channels, rgb += 3) {
      const unsigned alpha = channels == 4 ? pixel[3] >> kShift : 255u;
      for (std::size_t c = 0; c < 3; ++c) rgb[c] = over_white(pixel[2 - c] >> kShift, alpha);
    }
  }
}

cv::Mat decode(const CheckedFile& file) {
  const cv::Mat encoded(1, static_cast<int>(file.clean.size()), CV_8UC1,
                        const_cast<std::uint8_t*>(file.clean.data()));  // OpenCV only reads it
  const int mode = file.may_be_transparent ? cv::IMREAD_UNCHANGED : cv::IMREAD_COLOR;
  try {
    return cv::imdecode(encoded, mode | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    return {};
  }
}

}  // namespace

bool tandem_decode_by_opencv(const CheckedFile& file, std::uint8_t* rgb) {
  const cv::Mat pixels = decode(file);
  const bool promised = pixels.cols == static_cast<int>(file.size.width) &&
                        pixels.rows == static_cast<int>(file.size.height) && pixels.channels() >= 3;
  if (!promised) return false;
  if (pixels.depth() == CV_16U) {
    to_rgb<std::uint16_t>(pixels, rgb);
  } else {
    to_rgb<std::uint8_t>(pixels, rgb);
  }
  return true;
}

}  // namespace tandem::image
