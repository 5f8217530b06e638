#include "image/preprocessor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "image/size_rule.h"
#include "reference_data.h"

namespace tandem::image {
namespace {

constexpr std::size_t kSampleStep = 7;  // rows and columns 0, 7, 14 ... are in the sampled files

template <typename T>
int largest_level_difference(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(int{a[i]} - int{b[i]}));
  return largest;
}

std::vector<std::uint8_t> sample_of(const Image& image) {
  std::vector<std::uint8_t> sample;
  for (std::size_t y = 0; y < image.height; y += kSampleStep) {
    for (std::size_t x = 0; x < image.width; x += kSampleStep) {
      const std::uint8_t* pixel = &image.rgb[(y * image.width + x) * 3];
      sample.insert(sample.end(), pixel, pixel + 3);
    }
  }
  return sample;
}

std::vector<float> sample_of(const PixelTensor& tensor) {
  std::vector<float> sample;
  for (std::size_t c = 0; c < tensor.channels; ++c) {
    for (std::size_t y = 0; y < tensor.height; y += kSampleStep) {
      for (std::size_t x = 0; x < tensor.width; x += kSampleStep) {
        sample.push_back(tensor.values[(c * tensor.height + y) * tensor.width + x]);
      }
    }
  }
  return sample;
}

PreprocessConfig read_config(const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = read_bytes(file);
  return parse_preprocessor_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string(),
                                 {});
}

class ProductionConfig : public ::testing::TestWithParam<const char*> {};

TEST_P(ProductionConfig, PixelsEqualTheReference) {
  const auto folder = test_data() / "preprocess" / GetParam();
  const Preprocessor preprocessor(read_config(folder / "preprocessor_config.json"));
  const nlohmann::json expected = read_json(folder / "expected.json");
  for (const auto& row : expected.at("images")) {
    const std::string file = row.at("file");
    SCOPED_TRACE(file);
    const Image image = load_image(test_data() / file);
    const Image resized = preprocessor.resized(image);
    ASSERT_EQ(resized.height, row.at("output_height"));
    ASSERT_EQ(resized.width, row.at("output_width"));
    const auto levels = read_npy<std::uint8_t>(folder / row.at("sample_uint8"));
    if (row.at("lossless")) {
      EXPECT_EQ(sha256(resized), row.at("sha256_uint8_hwc").get<std::string>());
      EXPECT_EQ(sample_of(resized), levels);
      const auto values = read_npy<float>(folder / row.at("sample_float32"));
      EXPECT_LE(largest_difference(sample_of(preprocessor(image)), values), 1e-6);
    } else {
      EXPECT_LE(largest_level_difference(sample_of(resized), levels), 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ProductionConfig,
                         ::testing::Values("blip-384", "clip-224", "clip-336", "siglip-224",
                                           "siglip2-256-bilinear", "vilt-384"));

class TinyModel : public ::testing::TestWithParam<const char*> {};

TEST_P(TinyModel, PixelValuesEqualTheReference) {
  const auto folder = test_data() / GetParam();
  const Preprocessor preprocessor(read_config(folder / "model/preprocessor_config.json"));
  std::size_t lossless = 0;
  for (const auto& [file, wanted] : read_tensors(folder / "pixels.safetensors")) {
    SCOPED_TRACE(file);
    const PixelTensor tensor =
        preprocessor(load_image(test_data() / "images" / std::filesystem::path(file).filename()));
    EXPECT_EQ(tensor.channels, wanted.channels);
    EXPECT_EQ(tensor.height, wanted.height);
    EXPECT_EQ(tensor.width, wanted.width);
    const bool png = file.ends_with(".png");
    lossless += png ? 1 : 0;
    EXPECT_LE(largest_difference(tensor.values, wanted.values), png ? 1e-6 : 1.01 / 255 / 0.26);
  }
  EXPECT_GT(lossless, 2u);
}

INSTANTIATE_TEST_SUITE_P(All, TinyModel,
                         ::testing::Values("clip-quickgelu", "clip-gelu", "blip-itm", "siglip",
                                           "siglip2-fixed", "blip2-itm", "altclip", "vilt", "bridgetower"));

// Every processor class with its defaults, every kind of size, crops larger than the picture, pictures of
// 1 × 1, 1 × 60, 60 × 2, 17 × 33, 64 × 48, 41 × 41 pixels: numbers equal to the last bit, and the same
// pictures refused.
TEST(Preprocessor, EveryKindOfConfigurationGivesTheReferencesNumbers) {
  std::size_t refused = 0;
  for (const auto& row : read_json(test_data() / "preprocess-configs/expected.json")) {
    SCOPED_TRACE(row.dump());
    const std::string config = row.at("config").dump();
    const Image image = noise(row.at("width"), row.at("height"), row.at("seed"));
    const auto run = [&] { return Preprocessor(parse_preprocessor_text(config, "config", {}))(image); };
    if (row.contains("refused")) {
      EXPECT_EQ(failure_of(run).code, ErrorCode::kBadFormat);
      ++refused;
      continue;
    }
    const PixelTensor tensor = run();
    const std::vector<std::size_t> shape = {tensor.channels, tensor.height, tensor.width};
    EXPECT_EQ(shape, row.at("shape").get<std::vector<std::size_t>>());
    EXPECT_EQ(sha256(std::as_bytes(std::span(tensor.values))), row.at("sha256_float32").get<std::string>());
  }
  EXPECT_GT(refused, 10u);
}

TEST(Preprocessor, NoPictureIsLargerThanTheLargestOfItsRule) {
  const ResizeTarget target{.rule = SizeRule::kMultipleOfSide, .shortest_edge = 384, .divisor = 32};
  const Size largest = largest_size(target);
  EXPECT_EQ(largest, (Size{608, 384}));
  for (std::size_t side = 20; side < 3000; side += 7) {
    const Size size = resized_size(target, {side, 600});
    EXPECT_LE(std::max(size.width, size.height), largest.width);
    EXPECT_LE(std::min(size.width, size.height), largest.height);
  }
}

PreprocessConfig shortest_edge(std::size_t side) {
  PreprocessConfig config;
  config.size = {.rule = SizeRule::kShortestEdge, .shortest_edge = side};
  return config;
}

// Resized to a shortest edge of 224 it would have 250 million pixels, of which the crop keeps 50,176.
TEST(Preprocessor, AThinPictureIsNotBlownUpBeforeTheCrop) {
  PreprocessConfig config = shortest_edge(224);
  config.do_center_crop = true;
  config.crop_size = {224, 224};
  const PixelTensor tensor = Preprocessor(config)(noise(1, 5000, 2));
  EXPECT_EQ(tensor.values.size(), 3u * 224 * 224);
}

TEST(Preprocessor, WithoutACropAnAbsurdlyThinPictureIsRefused) {
  const Failure failure = failure_of([] { Preprocessor(shortest_edge(224))(noise(1, 5000, 2)); });
  EXPECT_EQ(failure.code, ErrorCode::kBadFormat);
  EXPECT_NE(failure.message.find("1 × 5000"), std::string::npos) << failure.message;
}

TEST(Preprocessor, AnEmptyPictureIsRefused) {
  EXPECT_EQ(failure_of([] { Preprocessor(shortest_edge(8))(Image{}); }).code, ErrorCode::kBadFormat);
}

TEST(Preprocessor, TheFingerprintChangesWithEverythingThatChangesTheNumbers) {
  const PreprocessConfig plain = shortest_edge(24);
  std::vector<PreprocessConfig> others(10, plain);
  others[0].size.shortest_edge = 25;
  others[1].size.longest_edge = 50;
  others[2].size.rule = SizeRule::kMultipleOfSide;
  others[3].resample = Filter::kBilinear;
  others[4].do_center_crop = true;
  others[4].crop_size = {24, 24};
  others[5].rescale_factor = 1 / 127.5;
  others[6].do_rescale = false;
  others[7].mean[1] = 0.5f;
  others[8].std[2] = 0.5f;
  others[9].do_resize = false;
  std::set<std::string> fingerprints = {Preprocessor(plain).fingerprint()};
  for (const PreprocessConfig& other : others) fingerprints.insert(Preprocessor(other).fingerprint());
  EXPECT_EQ(fingerprints.size(), others.size() + 1);
  EXPECT_EQ(Preprocessor(plain).fingerprint(), Preprocessor(shortest_edge(24)).fingerprint());
}

TEST(Preprocessor, AConfigurationThatCannotBeIsRefusedByItsField) {
  const auto message = [](auto change) {
    PreprocessConfig config = shortest_edge(24);
    change(config);
    const Failure failure = failure_of([&] { Preprocessor preprocessor(config); });
    EXPECT_EQ(failure.code, ErrorCode::kInvalidArgument);
    return failure.message;
  };
  EXPECT_NE(message([](auto& c) { c.size.shortest_edge = 0; }).find("shortest_edge"), std::string::npos);
  EXPECT_NE(message([](auto& c) { c.size = {.height = 8, .width = 20000}; }).find("width"),
            std::string::npos);
  EXPECT_NE(message([](auto& c) { c.do_center_crop = true; }).find("crop_size"), std::string::npos);
  EXPECT_NE(message([](auto& c) { c.rescale_factor = std::nan(""); }).find("rescale"), std::string::npos);
  EXPECT_NE(message([](auto& c) { c.std[1] = 0; }).find("image_std"), std::string::npos);
}

}  // namespace
}  // namespace tandem::image
