#include <fmt/format.h>
#include <gtest/gtest.h>

#include "image/preprocessor.h"
#include "reference_data.h"

namespace tandem::image {
namespace {

PreprocessConfig parse(std::string_view text, std::string_view default_class = {}) {
  return parse_preprocessor_text(text, "model/preprocessor_config.json", default_class);
}

Failure failure(std::string_view text) {
  return failure_of([&] { parse(text); });
}

TEST(PreprocessConfig, TheClassIsNamedInOldAndNewWaysOrByTheCaller) {
  for (const char* text : {R"({"image_processor_type": "ViltImageProcessor"})",
                           R"({"image_processor_type": "ViltImageProcessorFast"})",
                           R"({"feature_extractor_type": "ViltFeatureExtractor"})",
                           R"({"image_processor": {"image_processor_type": "ViltImageProcessor"}})"}) {
    EXPECT_EQ(parse(text).size.shortest_edge, 384u) << text;
    EXPECT_EQ(parse(text).size.divisor, 32u) << text;
  }
  EXPECT_EQ(parse("{}", "BridgeTowerImageProcessor").crop_size.width, 288u);
  EXPECT_EQ(parse(R"({"image_processor_type": "BlipImageProcessor"})", "CLIPImageProcessor").size.width,
            384u);
}

TEST(PreprocessConfig, ABareIntegerIsASquareOrAnEdgeByTheClass) {
  EXPECT_EQ(parse(R"({"image_processor_type": "BlipImageProcessor", "size": 30})").size.rule,
            SizeRule::kExact);
  EXPECT_EQ(parse(R"({"image_processor_type": "CLIPImageProcessor", "size": 30})").size.rule,
            SizeRule::kShortestEdge);
}

TEST(PreprocessConfig, AnotherClassIsUnsupportedByName) {
  const Failure found = failure(R"({"image_processor_type": "Siglip2ImageProcessor"})");
  EXPECT_EQ(found.code, ErrorCode::kUnsupported);
  EXPECT_NE(found.message.find("Siglip2ImageProcessor"), std::string::npos) << found.message;
  EXPECT_EQ(
      failure(R"({"feature_extractor_type": "CLIPFeatureExtractor", "do_pad": true, "pad_size": 3})").code,
      ErrorCode::kUnsupported);
}

TEST(PreprocessConfig, AWrongFieldIsBadFormatByName) {
  const std::pair<const char*, const char*> fields[] = {{"size", "\"large\""},
                                                        {"size", "0"},
                                                        {"size", "-5"},
                                                        {"size", "2.5"},
                                                        {"size", "{}"},
                                                        {"size", R"({"height": 3})"},
                                                        {"size", "[1, 2, 3]"},
                                                        {"size", "99999999999"},
                                                        {"size", R"({"longest_edge": 9})"},
                                                        {"crop_size", "true"},
                                                        {"resample", "6"},
                                                        {"resample", "\"bicubic\""},
                                                        {"do_resize", "1"},
                                                        {"do_rescale", "\"\""},
                                                        {"rescale_factor", "\"1/255\""},
                                                        {"image_mean", "[1, 2]"},
                                                        {"image_std", "[1, \"2\", 3]"},
                                                        {"image_std", "[1, 0, 1]"},
                                                        {"crop_size", R"({"height": 1e9, "width": 4})"}};
  for (const auto& [field, value] : fields) {
    const Failure found =
        failure(fmt::format(R"({{"image_processor_type": "CLIPImageProcessor", "{}": {}}})", field, value));
    EXPECT_EQ(found.code, ErrorCode::kBadFormat) << field << ' ' << value;
    EXPECT_NE(found.message.find(field), std::string::npos) << found.message;
    EXPECT_NE(found.message.find("model/preprocessor_config.json: "), std::string::npos) << found.message;
  }
}

TEST(PreprocessConfig, TextThatIsNoJsonObjectIsBadFormat) {
  for (const char* text : {"", "{", "[]", "null", "not JSON", "\xff\xfe", R"({"size": )", "{}"}) {
    EXPECT_EQ(failure(text).code, ErrorCode::kBadFormat) << text;
  }
}

TEST(PreprocessConfig, NestingTenThousandDeepIsBadFormat) {
  const std::string deep = R"({"feature_extractor_type": "CLIPFeatureExtractor", "size": )" +
                           std::string(10000, '[') + std::string(10000, ']') + "}";
  EXPECT_EQ(failure(deep).code, ErrorCode::kBadFormat);
}

}  // namespace
}  // namespace tandem::image
