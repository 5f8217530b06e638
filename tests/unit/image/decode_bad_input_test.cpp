#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

#include "core/file_system.h"
#include "reference_data.h"
#include "support/many_scans_jpeg.h"
#include "support/temporary_folder.h"
#include "tandem/image.h"

namespace tandem::image {
namespace {

using Data = std::vector<std::byte>;

Data data_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Failure decode_failure(std::span<const std::byte> data, const ImageLimits& limits = {}) {
  return failure_of([&] { decode_image(data, "photo", limits); });
}

void expect_bad(const Data& data, const char* said) {
  const Failure failure = decode_failure(data);
  EXPECT_EQ(failure.code, ErrorCode::kBadFormat) << failure.message;
  EXPECT_NE(failure.message.find(said), std::string::npos) << failure.message;
  EXPECT_EQ(failure.message.rfind("photo: ", 0), 0u) << failure.message;
  EXPECT_EQ(failure.message.find('\n'), std::string::npos) << failure.message;
}

TEST(BadPicture, ZeroByteFile) { expect_bad({}, "is empty"); }

TEST(BadPicture, TextNamedJpg) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "letter.jpg";
  replace_file(FileSystem::system(), path, std::string_view("Dear all, the photos are in the other folder."));
  const Failure failure = failure_of([&] { load_image(path); });
  EXPECT_EQ(failure.code, ErrorCode::kBadFormat);
  EXPECT_EQ(failure.message, path.string() + ": is not a picture; JPEG, PNG or WebP is wanted");
}

TEST(BadPicture, OnePixelAndOneColumnAreFine) {
  for (const char* kind : {".png", ".jpg"}) {
    EXPECT_EQ(load_image(test_data() / "images-kinds" / (std::string("1x1") + kind)).rgb.size(), 3u);
    EXPECT_EQ(load_image(test_data() / "images-kinds" / (std::string("1x5000") + kind)).height, 5000u);
  }
}

// What may be missing at the end without a pixel being lost: end markers.
class TruncatedPicture : public ::testing::TestWithParam<std::pair<const char*, std::size_t>> {};

TEST_P(TruncatedPicture, IsRefusedWhereverItIsCut) {
  const auto& [file, end_marker] = GetParam();
  const Data data = read_bytes(test_data() / file);
  const std::string whole = sha256(decode_image(data, file));
  for (std::size_t size = 0; size < data.size(); ++size) {
    const std::span<const std::byte> cut = std::span(data).first(size);
    if (size + end_marker >= data.size()) {
      EXPECT_EQ(sha256(decode_image(cut, file)), whole) << size;
    } else {
      EXPECT_EQ(decode_failure(cut).code, ErrorCode::kBadFormat) << size << " of " << data.size();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, TruncatedPicture,
                         ::testing::Values(std::pair("images-kinds/baseline_444.jpg", 2),
                                           std::pair("images-kinds/baseline_gray.jpg", 2),
                                           std::pair("images-kinds/baseline_420_restarts.jpg", 2),
                                           std::pair("images-kinds/progressive_444.jpg", 2),
                                           std::pair("images-kinds/progressive_420_restarts.jpg", 2),
                                           std::pair("images/cmyk.jpg", 2),
                                           std::pair("images/gray16.png", 12),
                                           std::pair("images-kinds/palette_4.png", 12),
                                           std::pair("images-kinds/rgb_interlaced.png", 12),
                                           std::pair("images-kinds/lossy.webp", 0),
                                           std::pair("images-kinds/lossless.webp", 0)));

// The decoder alone would fill the lower half with gray and only warn.
TEST(BadPicture, TruncatedJpegWithAnEndMarkerPutBehind) {
  Data data = read_bytes(test_data() / "images/large.jpg");
  for (const std::size_t size : {data.size() / 3, data.size() / 2, data.size() - 100}) {
    Data cut(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
    cut.push_back(std::byte{0xff});
    cut.push_back(std::byte{0xd9});
    expect_bad(cut, "JPEG is truncated or corrupt");
  }
}

TEST(BadPicture, JpegWhoseTailIsZeros) {
  Data data = read_bytes(test_data() / "images/large.jpg");
  std::fill(data.begin() + static_cast<std::ptrdiff_t>(data.size() / 2), data.end(), std::byte{0});
  EXPECT_EQ(decode_failure(data).code, ErrorCode::kBadFormat);
}

TEST(BadPicture, BytesBehindTheEndChangeNothing) {
  for (const char* file : {"images/progressive_420.jpg", "images/rgba.png", "images/lossy.webp"}) {
    Data data = read_bytes(test_data() / file);
    const std::string whole = sha256(decode_image(data, file));
    data.insert(data.end(), 1000, std::byte{0x55});
    EXPECT_EQ(sha256(decode_image(data, file)), whole) << file;
  }
}

TEST(BadPicture, OneFlippedBitInThePixelsOfAPngIsFound) {
  const Data data = read_bytes(test_data() / "images-kinds/alpha.png");
  for (std::size_t at = 8; at + 12 < data.size(); ++at) {
    Data flipped = data;
    flipped[at] ^= std::byte{0x10};
    EXPECT_EQ(decode_failure(flipped).code, ErrorCode::kBadFormat) << at;
  }
}

TEST(BadPicture, PngHeaderThatClaimsHundredThousandSquared) {
  Data data = read_bytes(test_data() / "images/gray16.png");
  const Data claim =
      data_of(std::string_view("\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\0\0\0\x87\x1d\x71\x57", 17));
  std::copy(claim.begin(), claim.end(), data.begin() + 16);
  EXPECT_EQ(decode_failure(data).code, ErrorCode::kBadFormat);
}

TEST(BadPicture, SmallFileThatExpandsToTwoHundredMegapixels) {
  const Data data = read_bytes(test_data() / "images-bad/bomb_200_megapixels.png");
  EXPECT_LT(data.size(), 30'000u);
  expect_bad(data, "is 20000 × 10001 pixels by its header; at most 200000000");
}

TEST(BadPicture, LimitsHoldForEveryFormat) {
  for (const char* file : {"images/progressive_420.jpg", "images/rgba.png", "images/lossy.webp"}) {
    const Data data = read_bytes(test_data() / file);
    const Image image = decode_image(data, file);
    const std::size_t pixels = image.width * image.height;
    EXPECT_EQ(decode_image(data, file, {.max_bytes = data.size(), .max_pixels = pixels}).rgb, image.rgb);
    EXPECT_EQ(decode_failure(data, {.max_pixels = pixels - 1}).code, ErrorCode::kBadFormat) << file;
    EXPECT_EQ(decode_failure(data, {.max_bytes = data.size() - 1}).code, ErrorCode::kBadFormat) << file;
    EXPECT_EQ(decode_failure(data, {.max_bytes = 0}).code, ErrorCode::kInvalidArgument) << file;
  }
  const auto path = test_data() / "images/rgba.png";
  EXPECT_EQ(failure_of([&] { load_image(path, {.max_bytes = 100}); }).code, ErrorCode::kBadFormat);
}

// Each scan of a progressive picture costs a walk over all of it.
TEST(BadPicture, AJpegOf127ScansIsRefused) {
  expect_bad(data_of(jpeg_of_127_scans()), "it has more than 100 scans");
}

TEST(BadPicture, TheErrorSaysHowToMendIt) {
  const Data data = read_bytes(test_data() / "images-kinds/alpha.png");
  expect_bad(Data(data.begin(), data.end() - 40), "; restore it from a copy");
  EXPECT_NE(decode_failure(data, {.max_pixels = 1}).message.find("; make it smaller"), std::string::npos);
}

TEST(BadPicture, AJpegOfNoRowsIsRefused) {
  Data data = read_bytes(test_data() / "images/cmyk.jpg");
  const Data frame = data_of("\xff\xc0");
  const auto at = std::search(data.begin(), data.end(), frame.begin(), frame.end());
  ASSERT_NE(at, data.end());
  at[5] = at[6] = std::byte{0};
  expect_bad(data, "JPEG is truncated or corrupt: Empty JPEG image");
}

TEST(BadPicture, OtherFormatsAreUnsupportedByName) {
  const std::pair<const char*, const char*> files[] = {{"picture.gif", "GIF"},
                                                       {"picture.tiff", "TIFF"},
                                                       {"picture.bmp", "BMP"},
                                                       {"picture.avif", "AVIF"},
                                                       {"animated.webp", "animated WebP"}};
  for (const auto& [file, format] : files) {
    const Failure failure = failure_of([&] { load_image(test_data() / "images-bad" / file); });
    EXPECT_EQ(failure.code, ErrorCode::kUnsupported) << file;
    EXPECT_NE(failure.message.find(format), std::string::npos) << failure.message;
  }
  const Failure heic =
      decode_failure(data_of(std::string_view("\0\0\0\x18"
                                              "ftypheic\0\0\0\0mif1heic",
                                              24)));
  EXPECT_EQ(heic.code, ErrorCode::kUnsupported);
  EXPECT_NE(heic.message.find("HEIC"), std::string::npos) << heic.message;
}

TEST(BadPicture, KindsOfJpegThatAreNotReadAreUnsupported) {
  Data data = read_bytes(test_data() / "images-kinds/baseline_444.jpg");
  const Data frame = data_of("\xff\xc0");
  const auto at = std::search(data.begin(), data.end(), frame.begin(), frame.end());
  ASSERT_NE(at, data.end());
  for (const unsigned char kind : {0xc3, 0xc9}) {  // lossless, arithmetic coding
    at[1] = std::byte{kind};
    EXPECT_EQ(decode_failure(data).code, ErrorCode::kUnsupported);
  }
  at[1] = std::byte{0xc1};
  at[4] = std::byte{12};  // bits
  EXPECT_EQ(decode_failure(data).code, ErrorCode::kUnsupported);
}

TEST(BadPicture, TheKindOfAPathDecidesTheError) {
  const TemporaryFolder folder;
  EXPECT_EQ(failure_of([&] { load_image(folder.path() / "none.jpg"); }).code, ErrorCode::kNotFound);
  EXPECT_EQ(failure_of([&] { load_image(folder.path()); }).code, ErrorCode::kInvalidArgument);
  const auto fifo = folder.path() / "fifo.jpg";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(failure_of([&] { load_image(fifo); }).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(failure_of([&] { load_image("/dev/null"); }).code, ErrorCode::kInvalidArgument);
}

TEST(BadPicture, AnIllFormedNameIsShownAsUtf8) {
  const Failure failure = failure_of([] { decode_image({}, "caf\xe9.jpg"); });
  EXPECT_EQ(failure.message.find("caf\uFFFD.jpg: "), 0u) << failure.message;
}

// Changed, cut and lengthened files end in a picture or in a plain error, and nothing is written to stderr.
TEST(BadPicture, ThousandsOfDamagedFilesEndInAPictureOrAnError) {
  std::vector<Data> files;
  for (const char* file : {"baseline_420_restarts.jpg", "progressive_444.jpg", "progressive_420_restarts.jpg",
                           "orientation_8_big_endian.jpg", "palette_4.png", "rgb_interlaced.png",
                           "lossy.webp", "lossless_alpha.webp", "orientation_6.webp"}) {
    files.push_back(read_bytes(test_data() / "images-kinds" / file));
  }
  std::mt19937 random(17);
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  std::size_t pictures = 0;
  std::size_t errors = 0;
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 4000; ++i) {
    Data data = files[below(files.size())];
    for (std::size_t changes = below(6) + 1; changes > 0; --changes) {
      data[below(data.size())] = static_cast<std::byte>(below(256));
    }
    const auto at = data.begin() + static_cast<std::ptrdiff_t>(below(data.size()));
    if (i % 4 == 0) data.insert(at, below(40), std::byte{0xff});
    if (i % 4 == 1) data.erase(at, at + std::min<std::ptrdiff_t>(20, data.end() - at));
    try {
      const Image image = decode_image(data, "photo");
      EXPECT_EQ(image.rgb.size(), image.width * image.height * 3);
      ++pictures;
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::kBadFormat || error.code() == ErrorCode::kUnsupported)
          << error.what();
      ++errors;
    }
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(pictures, 100u);
  EXPECT_GT(errors, 1000u);
}

}  // namespace
}  // namespace tandem::image
