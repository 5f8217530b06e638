#include "image/augment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "reference_data.h"

namespace tandem::image {
namespace {

const AugmentOptions kNothing{.min_area = 1,
                              .max_area = 1,
                              .min_aspect = 1,
                              .max_aspect = 1,
                              .brightness = 0,
                              .contrast = 0,
                              .saturation = 0,
                              .flip_probability = 0};

Image mirrored(Image image) {
  flip_horizontally(image);
  return image;
}

TEST(Augment, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const Image source = noise(61, 40, 2);
  EXPECT_EQ(augment(source, {}, true, 5).rgb, augment(source, {}, true, 5).rgb);
  std::set<std::string> results;
  for (std::uint64_t seed = 0; seed < 50; ++seed) results.insert(sha256(augment(source, {}, true, seed)));
  EXPECT_EQ(results.size(), 50u);
}

// A model that was trained on one machine is trained in the same way on another. Frozen from this library.
TEST(Augment, IsTheSameOnEveryMachine) {
  const Image result = augment(noise(61, 40, 2), {}, true, 20220104);
  EXPECT_EQ(result.width, 38u);
  EXPECT_EQ(result.height, 40u);
  EXPECT_EQ(sha256(result), "8c0d91df4fd3871836709e664777aab60e5f08d819a7f39179785476b4e59ae6");
}

TEST(Augment, WithNothingToDoIsACopy) {
  for (const Size size : {Size{1, 1}, Size{40, 40}, Size{33, 33}}) {
    const Image source = noise(size.width, size.height, 2);
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      EXPECT_EQ(augment(source, kNothing, true, seed).rgb, source.rgb) << size.width;
    }
  }
}

TEST(Augment, MirrorsAsOftenAsItIsToldAndNeverWhereItMayNot) {
  const Image source = noise(8, 8, 2);
  AugmentOptions options = kNothing;
  options.flip_probability = 0.25;
  std::size_t mirrors = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    mirrors += augment(source, options, true, seed).rgb == mirrored(source).rgb;
    ASSERT_EQ(augment(source, options, false, seed).rgb, source.rgb);
  }
  EXPECT_NEAR(static_cast<double>(mirrors), 500, 80);
}

TEST(Augment, WhetherItMayMirrorDoesNotChangeTheRest) {
  const Image source = noise(61, 40, 2);
  AugmentOptions options;
  options.flip_probability = 1;
  EXPECT_EQ(augment(source, options, true, 3).rgb, mirrored(augment(source, options, false, 3)).rgb);
}

TEST(Augment, ColoursStayWithinTheirBounds) {
  const Image gray{4, 4, std::vector<std::uint8_t>(48, 100)};
  AugmentOptions options = kNothing;
  options.brightness = 0.3;
  std::uint8_t darkest = 255;
  std::uint8_t brightest = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const std::uint8_t sample = augment(gray, options, true, seed).rgb.front();
    darkest = std::min(darkest, sample);
    brightest = std::max(brightest, sample);
  }
  EXPECT_GE(darkest, 70);
  EXPECT_LE(darkest, 72);
  EXPECT_GE(brightest, 128);
  EXPECT_LE(brightest, 130);
}

TEST(Augment, CropsHaveTheAreasAndShapesThatWereAskedFor) {
  const Size size{640, 480};
  const AugmentOptions options;
  Random random(1);
  double least = 1;
  double most = 0;
  double mean_log_aspect = 0;
  std::set<std::size_t> lefts;
  for (int i = 0; i < 4000; ++i) {
    const Window window = choose_crop(size, options, random);
    ASSERT_LT(window.left, window.right);
    ASSERT_LT(window.top, window.bottom);
    ASSERT_LE(window.right, size.width);
    ASSERT_LE(window.bottom, size.height);
    const auto width = static_cast<double>(window.right - window.left);
    const auto height = static_cast<double>(window.bottom - window.top);
    const double area = width * height / (640 * 480);
    ASSERT_GE(width / height, 0.75 * 0.99);
    ASSERT_LE(width / height, 4.0 / 3 * 1.01);
    least = std::min(least, area);
    most = std::max(most, area);
    mean_log_aspect += std::log(width / height) / 4000;
    lefts.insert(window.left);
  }
  EXPECT_NEAR(least, 0.6, 0.005);
  EXPECT_NEAR(most, 1, 0.02);
  EXPECT_GT(mean_log_aspect, 0) << "wide crops fit into a wide picture more often";
  EXPECT_EQ(*lefts.begin(), 0u);
  EXPECT_GT(lefts.size(), 100u);
}

// torchvision's rule for pictures that no wanted rectangle fits into.
TEST(Augment, CropsTheMiddleOfWhatIsTooLongOrTooHigh) {
  const AugmentOptions options;
  Random random(1);
  const Window wide = choose_crop({1000, 30}, options, random);
  EXPECT_EQ(wide.right - wide.left, 40u);
  EXPECT_EQ(wide.left, 480u);
  EXPECT_EQ(wide.bottom - wide.top, 30u);
  const Window high = choose_crop({30, 1000}, options, random);
  EXPECT_EQ(high.bottom - high.top, 40u);
  EXPECT_EQ(high.top, 480u);
  const Window line = choose_crop({1, 5000}, options, random);
  EXPECT_EQ(line.bottom - line.top, 1u);
}

TEST(Augment, ACropIsThatPartOfThePicture) {
  const Image source = noise(9, 7, 4);
  const Image part = crop(source, {2, 3, 6, 7});
  ASSERT_EQ(part.width, 4u);
  ASSERT_EQ(part.height, 4u);
  for (std::size_t y = 0; y < 4; ++y) {
    for (std::size_t i = 0; i < 12; ++i) {
      ASSERT_EQ(part.rgb[y * 12 + i], source.rgb[((y + 3) * 9 + 2) * 3 + i]);
    }
  }
}

TEST(Augment, MirroringPutsEachPixelOnTheOtherSide) {
  Image image{3, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19}};
  flip_horizontally(image);
  EXPECT_EQ(image.rgb,
            (std::vector<std::uint8_t>{7, 8, 9, 4, 5, 6, 1, 2, 3, 17, 18, 19, 14, 15, 16, 11, 12, 13}));
}

TEST(Augment, RefusesOptionsAndPicturesThatCannotBe) {
  const auto refused = [](const char* word, const AugmentOptions& options) {
    const Failure failure = failure_of([&] { augment(noise(4, 4, 0), options, true, 0); });
    EXPECT_EQ(failure.code, ErrorCode::kInvalidArgument) << word;
    EXPECT_NE(failure.message.find(word), std::string::npos) << failure.message;
  };
  refused("areas", {.min_area = 0});
  refused("areas", {.min_area = 0.9, .max_area = 0.8});
  refused("areas", {.max_area = 1.1});
  refused("areas", {.min_area = std::nan("")});
  refused("aspect ratios", {.min_aspect = 2});
  refused("brightness", {.brightness = -0.1});
  refused("contrast", {.contrast = 1.1});
  refused("saturation", {.saturation = std::nan("")});
  refused("flip_probability", {.flip_probability = 2});
  for (const Image& image : {Image{}, Image{2, 2, {1, 2, 3}}}) {
    EXPECT_EQ(failure_of([&] { augment(image, {}, true, 0); }).code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tandem::image
