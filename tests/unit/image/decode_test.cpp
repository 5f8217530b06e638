#include <gtest/gtest.h>

#include <future>
#include <set>

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
