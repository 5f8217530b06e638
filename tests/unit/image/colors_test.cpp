#include "image/colors.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>

#include "reference_data.h"

namespace tandem::image {
namespace {

const std::map<std::string, std::function<void(Image&, float)>> kAdjustments = {
    {"brightness", adjust_brightness}, {"contrast", adjust_contrast}, {"saturation", adjust_saturation}};

TEST(Colors, PixelsEqualPillow) {
  std::size_t cases = 0;
  for (const auto& row : read_json(test_data() / "colors/expected.json")) {
    Image image = noise(row.at("width"), row.at("height"), row.at("seed"));
    kAdjustments.at(row.at("what"))(image, row.at("factor"));
    EXPECT_EQ(sha256(image), row.at("sha256").get<std::string>()) << row;
    ++cases;
  }
  EXPECT_EQ(cases, 108u);
}

TEST(Colors, OfNoPixelsAreNone) {
  for (const auto& [name, adjust] : kAdjustments) {
    Image image;
    adjust(image, 1.5f);
    EXPECT_TRUE(image.rgb.empty()) << name;
  }
}

TEST(Colors, RefuseAFactorThatIsNone) {
  for (const auto& [name, adjust] : kAdjustments) {
    for (const float factor :
         {-0.1f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      Image image = noise(3, 3, 0);
      const Failure failure = failure_of([&] { adjust(image, factor); });
      EXPECT_EQ(failure.code, ErrorCode::kInvalidArgument);
      EXPECT_NE(failure.message.find(name), std::string::npos) << failure.message;
      EXPECT_EQ(image.rgb, noise(3, 3, 0).rgb);
    }
  }
}

}  // namespace
}  // namespace tandem::image
