#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <set>

#include "core/file_system.h"
#include "reference_data.h"
#include "tandem/image.h"

namespace tandem::image {
namespace {

TEST(Sha256, AgreesWithThePublishedDigests) {
  EXPECT_EQ(sha256(std::span<const std::byte>()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(std::as_bytes(std::span("abc", 3))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// Which of the reference's readings of a file is ours, where there are several.
std::string reading_of(const std::string& file) {
  if (file == "images/exif_rotated.jpg") return "exif_transposed";
  if (file == "images/gray16.png") return "gray16_high_byte";
  for (const char* transparent :
       {"images/rgba.png", "images/palette_transparent.png", "images/gray_alpha.png"}) {
    if (file == transparent) return "alpha_on_white";
  }
  return {};
}

TEST(Decode, PixelsEqualTheReference) {
  for (const auto& picture : read_json(test_data() / "images/decoded.json")) {
    const std::string file = picture.at("file");
    SCOPED_TRACE(file);
    const std::string reading = reading_of(file);
    const auto& wanted = reading.empty() ? picture : picture.at("alternatives").at(reading);
    const Image image = load_image(test_data() / file);
    EXPECT_EQ(image.width, wanted.at("width"));
    EXPECT_EQ(image.height, wanted.at("height"));
    EXPECT_EQ(sha256(image), wanted.at("sha256_rgb").get<std::string>());
  }
}

// Baseline and progressive JPEG with every subsampling and restart markers, PNG of every depth, WebP with
// and without loss, all orientations, sides of 1, 8, 9, 17, 5000.
TEST(Decode, EveryKindOfFileReadsAsInTheReference) {
  std::size_t files = 0;
  for (const auto& picture : read_json(test_data() / "images-kinds/expected.json")) {
    const std::string file = picture.at("file");
    SCOPED_TRACE(file);
    const Image image = load_image(test_data() / "images-kinds" / file);
    EXPECT_EQ(image.width, picture.at("width"));
    EXPECT_EQ(image.height, picture.at("height"));
    EXPECT_EQ(image.rgb.size(), image.width * image.height * 3);
    EXPECT_EQ(sha256(image), picture.at("sha256").get<std::string>());
    ++files;
  }
  EXPECT_GT(files, 40u);
}

double mean_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(int{a.rgb[i]} - int{b.rgb[i]});
  return sum / static_cast<double>(a.rgb.size());
}

// The mean of each square of `divisor` pixels.
Image averaged(const Image& image, std::size_t divisor) {
  Image small{image.width / divisor, image.height / divisor, {}};
  for (std::size_t y = 0; y < small.height; ++y) {
    for (std::size_t x = 0; x < small.width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        std::size_t sum = 0;
        for (std::size_t i = 0; i < divisor * divisor; ++i) {
          const std::size_t row = y * divisor + i / divisor, column = x * divisor + i % divisor;
          sum += image.rgb[(row * image.width + column) * 3 + c];
        }
        small.rgb.push_back(static_cast<std::uint8_t>(sum / (divisor * divisor)));
      }
    }
  }
  return small;
}

TEST(DecodeReduced, KeepsAtLeastTwiceTheSidesThatAreWanted) {
  const auto bytes = FileSystem::system().read(test_data() / "images/large.jpg", std::size_t{1} << 24);
  const Image whole = decode_image(bytes, "photo");
  const std::size_t shorter = std::min(whole.width, whole.height);
  ASSERT_GE(shorter, 64u);
  for (const std::size_t divisor : {2, 4, 8}) {
    const std::size_t side = shorter / (2 * divisor);
    const ReducedImage reduced = decode_reduced(bytes, "photo", side);
    EXPECT_EQ(reduced.full_width, whole.width);
    EXPECT_EQ(reduced.full_height, whole.height);
    EXPECT_EQ(reduced.image.width, (whole.width + divisor - 1) / divisor);
    EXPECT_EQ(reduced.image.height, (whole.height + divisor - 1) / divisor);
    // Whole squares alone: the last row may be of less.
    EXPECT_LT(mean_difference(averaged(whole, divisor), reduced.image), 1);
  }
  for (const std::size_t side : {std::size_t{0}, shorter / 4 + 1, shorter}) {
    EXPECT_EQ(decode_reduced(bytes, "photo", side).image.rgb, whole.rgb) << side;
  }
}

TEST(DecodeReduced, TellsTheFullSizeUpright) {
  const auto path = test_data() / "images/exif_rotated.jpg";
  const auto bytes = FileSystem::system().read(path, std::size_t{1} << 24);
  const Image whole = load_image(path);
  const ReducedImage reduced = decode_reduced(bytes, "rotated", 2);
  EXPECT_LT(reduced.image.width, whole.width);
  EXPECT_EQ(reduced.full_width, whole.width);
  EXPECT_EQ(reduced.full_height, whole.height);
}

TEST(DecodeReduced, LeavesOtherFormatsWhole) {
  const auto path = test_data() / "images/rgba.png";
  const auto bytes = FileSystem::system().read(path, std::size_t{1} << 24);
  const ReducedImage reduced = decode_reduced(bytes, "png", 1);
  EXPECT_EQ(reduced.image.rgb, load_image(path).rgb);
  EXPECT_EQ(reduced.full_width, reduced.image.width);
}

TEST(Decode, ManyThreadsReadTheSamePixels) {
  const std::vector<std::byte> bytes = read_bytes(test_data() / "images/progressive_420.jpg");
  const std::string wanted = sha256(decode_image(bytes, "picture"));
  std::vector<std::future<std::string>> results;
  for (int i = 0; i < 8; ++i) {
    results.push_back(std::async(std::launch::async, [&] { return sha256(decode_image(bytes, "picture")); }));
  }
  for (auto& result : results) EXPECT_EQ(result.get(), wanted);
}

TEST(Decode, ManyThreadsMayFailAtOnce) {
  std::vector<std::byte> bytes = read_bytes(test_data() / "images/progressive_420.jpg");
  bytes.resize(bytes.size() / 2);
  std::vector<std::future<ErrorCode>> results;
  for (int i = 0; i < 8; ++i) {
    results.push_back(std::async(std::launch::async,
                                 [&] { return failure_of([&] { decode_image(bytes, "picture"); }).code; }));
  }
  for (auto& result : results) EXPECT_EQ(result.get(), ErrorCode::kBadFormat);
}

}  // namespace
}  // namespace tandem::image
