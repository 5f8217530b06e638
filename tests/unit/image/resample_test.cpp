#include "image/resample.h"

#include <gtest/gtest.h>

#include "reference_data.h"

namespace tandem::image {
namespace {

TEST(Resample, PixelsEqualPillow) {
  std::size_t cases = 0;
  for (const auto& row : read_json(test_data() / "resample/expected.json")) {
    SCOPED_TRACE(row.dump());
    const Image source = noise(row.at("width"), row.at("height"), row.at("seed"));
    const Image result =
        resample(source, {row.at("to_width"), row.at("to_height")}, static_cast<Filter>(row.at("filter")));
    EXPECT_EQ(sha256(result), row.at("sha256").get<std::string>());
    ++cases;
  }
  EXPECT_GT(cases, 150u);
}

TEST(Resample, TheSameSizeIsACopy) {
  const Image source = noise(17, 33, 2);
  for (int filter = 0; filter < 6; ++filter) {
    EXPECT_EQ(resample(source, {17, 33}, static_cast<Filter>(filter)).rgb, source.rgb) << filter;
  }
}

TEST(Resample, AFlatPictureStaysFlat) {
  Image source{33, 17, std::vector<std::uint8_t>(33 * 17 * 3, 201)};
  for (int filter = 0; filter < 6; ++filter) {
    const Image result = resample(source, {50, 5}, static_cast<Filter>(filter));
    EXPECT_EQ(result.rgb, std::vector<std::uint8_t>(50 * 5 * 3, 201)) << filter;
  }
}

TEST(Resample, AWindowIsThatPartOfTheWhole) {
  const Image source = noise(40, 60, 4);
  for (const Size size : {Size{30, 20}, Size{90, 100}, Size{40, 10}, Size{17, 60}, Size{40, 60}}) {
    for (int filter = 0; filter < 6; ++filter) {
      const Image whole = resample(source, size, static_cast<Filter>(filter));
      const Window window{5, 3, size.width - 1, size.height - 2};
      const Image part = resample(source, size, static_cast<Filter>(filter), window);
      ASSERT_EQ(part.width, window.right - window.left);
      ASSERT_EQ(part.height, window.bottom - window.top);
      for (std::size_t y = 0; y < part.height; ++y) {
        const auto* wanted = &whole.rgb[((y + window.top) * size.width + window.left) * 3];
        ASSERT_TRUE(std::equal(wanted, wanted + part.width * 3, &part.rgb[y * part.width * 3]))
            << size.width << " × " << size.height << ", filter " << filter << ", row " << y;
      }
    }
  }
}

TEST(Resample, ARowDoesNotDependOnThoseBesideIt) {
  const Image source = noise(50, 139, 6);
  const Image whole = resample(source, {20, 139}, Filter::kBicubic);
  for (std::size_t y = 0; y < source.height; ++y) {
    const std::uint8_t* const from = &source.rgb[y * 150];
    const Image row = resample({50, 1, {from, from + 150}}, {20, 1}, Filter::kBicubic);
    ASSERT_TRUE(std::equal(row.rgb.begin(), row.rgb.end(), &whole.rgb[y * 60])) << y;
  }
}

TEST(Resample, AnEmptyWindowIsAnEmptyPicture) {
  const Image part = resample(noise(4, 4, 0), {8, 8}, Filter::kBicubic, {3, 2, 3, 8});
  EXPECT_EQ(part.width, 0u);
  EXPECT_TRUE(part.rgb.empty());
}

TEST(Resample, RefusesWhatCannotBe) {
  const Image source = noise(4, 4, 0);
  const auto code = [](auto f) { return failure_of(f).code; };
  EXPECT_EQ(code([&] { resample(source, {0, 4}, Filter::kBox); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([&] { resample(source, {4, 0}, Filter::kNearest); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([&] { resample({}, {4, 4}, Filter::kBox); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([&] { resample({4, 5, source.rgb}, {2, 2}, Filter::kBox); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([&] { resample(source, {8, 8}, Filter::kBox, {0, 0, 9, 8}); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([&] { resample(source, {8, 8}, static_cast<Filter>(6)); }), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace tandem::image
