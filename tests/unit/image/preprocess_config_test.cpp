#include <fmt/format.h>
#include <gtest/gtest.h>

#include "image/preprocessor.h"
#include "reference_data.h"
#include "support/temporary_folder.h"

namespace tandem::image {
namespace {

class PreprocessConfigTest : public ::testing::Test {
 protected:
  PreprocessConfig parse(std::string_view text, std::string_view default_class = {}) {
    replace_file(FileSystem::system(), file_, text);
    return parse_preprocessor_config(file_, default_class);
  }
  Failure failure(std::string_view text) {
    return failure_of([&] { parse(text); });
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "preprocessor_config.json";
};

TEST_F(PreprocessConfigTest, TheClassIsNamedInOldAndNewWaysOrByTheCaller) {
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

TEST_F(PreprocessConfigTest, ABareIntegerIsASquareOrAnEdgeByTheClass) {
  EXPECT_EQ(parse(R"({"image_processor_type": "BlipImageProcessor", "size": 30})").size.rule,
            SizeRule::kExact);
  EXPECT_EQ(parse(R"({"image_processor_type": "CLIPImageProcessor", "size": 30})").size.rule,
            SizeRule::kShortestEdge);
}

TEST_F(PreprocessConfigTest, AMissingFileIsNotFound) {
  EXPECT_EQ(failure_of([&] { parse_preprocessor_config(folder_.path() / "none.json"); }).code,
            ErrorCode::kNotFound);
}

TEST_F(PreprocessConfigTest, AnotherClassIsUnsupportedByName) {
  const Failure found = failure(R"({"image_processor_type": "Siglip2ImageProcessor"})");
  EXPECT_EQ(found.code, ErrorCode::kUnsupported);
  EXPECT_NE(found.message.find("Siglip2ImageProcessor"), std::string::npos) << found.message;
  EXPECT_EQ(
      failure(R"({"feature_extractor_type": "CLIPFeatureExtractor", "do_pad": true, "pad_size": 3})").code,
      ErrorCode::kUnsupported);
}

TEST_F(PreprocessConfigTest, AWrongFieldIsBadFormatByName) {
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
    EXPECT_NE(found.message.find(file_.string()), std::string::npos) << found.message;
  }
}

TEST_F(PreprocessConfigTest, TextThatIsNoJsonObjectIsBadFormat) {
  for (const char* text : {"", "{", "[]", "null", "not JSON", "\xff\xfe", R"({"size": )", "{}"}) {
    EXPECT_EQ(failure(text).code, ErrorCode::kBadFormat) << text;
  }
}

TEST_F(PreprocessConfigTest, NestingTenThousandDeepIsBadFormat) {
  const std::string deep = R"({"feature_extractor_type": "CLIPFeatureExtractor", "size": )" +
                           std::string(10000, '[') + std::string(10000, ']') + "}";
  EXPECT_EQ(failure(deep).code, ErrorCode::kBadFormat);
}

TEST_F(PreprocessConfigTest, AFileOfManyMegabytesIsRefusedUnread) {
  EXPECT_EQ(failure(std::string(2 << 20, ' ')).code, ErrorCode::kBadFormat);
}

}  // namespace
}  // namespace tandem::image
