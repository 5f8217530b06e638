// Files of one picture: .npz and M3P's .pt (tests/golden/make/region_files.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "region_bytes.h"
#include "support/expect_error.h"

namespace tandem::regions {
namespace {

Regions read(const std::string& name, const RegionLimits& limits = {}) {
  const auto file = open_file(odd_files() / name, limits, FileSystem::system());
  return file->read(file->ids().at(0));
}

void expect_bad(const char* name, const char* words) {
  expect_error(ErrorCode::kBadFormat, {name, words}, [&] { read(name); });
}

void expect_plain(const std::string& name) {
  SCOPED_TRACE(name);
  const Regions regions = read(name);
  EXPECT_EQ(regions.image_width, 60u);
  EXPECT_EQ(regions.image_height, 50u);
  ASSERT_EQ(regions.features.rows(), 2u);
  EXPECT_EQ(std::vector<float>(regions.features.data(), regions.features.data() + 6),
            (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(std::vector<float>(regions.boxes.data(), regions.boxes.data() + 8),
            (std::vector<float>{1, 2, 30, 40, 1, 2, 30, 40}));
}

TEST(NpzRegions, StoredDeflatedAndOtherNumbersReadAlike) {
  for (const char* name : {"plain.npz", "deflated.npz", "float64_fortran.npz"}) expect_plain(name);
}

TEST(NpzRegions, TheIdIsTheNameWithoutTheEnding) {
  const auto file = open_bytes("some/folder/COCO.val.7.npz", bytes_of_file(odd_files() / "plain.npz"));
  EXPECT_EQ(file->ids(), std::vector<std::string>{"COCO.val.7"});
  expect_error(ErrorCode::kNotFound, "has no picture \"7\"", [&] { file->read("7"); });
  const std::string bytes = bytes_of_file(odd_files() / "plain.npz");
  expect_error(ErrorCode::kBadFormat, "invalid UTF-8 at its byte 1", [&] { open_bytes("b\xff.npz", bytes); });
}

TEST(NpzRegions, TheHashIsThatOfTheFile) {
  const auto hash = [](const char* name) {
    return open_bytes("a.npz", bytes_of_file(odd_files() / name))->content_hash("a");
  };
  EXPECT_EQ(hash("plain.npz"), hash("plain.npz"));
  EXPECT_NE(hash("plain.npz"), hash("boxes_outside.npz"));
}

TEST(NpzRegions, BoxesAreClippedToThePicture) {
  const Matrix boxes = read("boxes_outside.npz").boxes;
  EXPECT_EQ(std::vector<float>(boxes.data(), boxes.data() + 8),
            (std::vector<float>{0, 0, 30, 40, 1, 2, 60, 50}));
}

TEST(NpzRegions, NumbersMustBeFinite) {
  expect_bad("nan_feature.npz", "region 2: feature 3 is nan");
  expect_bad("infinite_box.npz", "region 1: number 4 is inf");
}

TEST(NpzRegions, ABoxThatEndsBeforeItBeginsIsRefused) {
  expect_bad("box_ends_before_it_begins.npz", "region 2: the box (1, 2, 0.5, 40) ends before it begins");
}

TEST(NpzRegions, APictureWithoutRegionsOrFeaturesIsRefused) {
  expect_bad("no_regions.npz", "no regions, at least one is wanted");
  expect_bad("no_features.npz", "features of width 0");
}

TEST(NpzRegions, ShapesThatDoNotGoTogetherAreRefused) {
  expect_bad("fewer_boxes.npz", "found features [2, 3] and boxes [1, 4]");
  expect_bad("boxes_of_five_numbers.npz", "boxes [2, 5]");
  expect_bad("features_of_one_dimension.npz", "found features [6]");
}

TEST(NpzRegions, APictureMustHaveASize) {
  expect_bad("no_image_size.npz", "the array image_w is missing");
  expect_bad("image_of_height_0.npz", "height of the picture: found 0");
  expect_bad("image_of_half_a_pixel.npz", "width of the picture: found 60.5");
  expect_bad("two_image_sizes.npz", "image_w: found [2], one number is wanted");
}

TEST(NpzRegions, ArraysThatAreNoLittleEndianNumbersAreRefused) {
  expect_error(ErrorCode::kUnsupported, {"objects.npz: x: ", "|O"}, [] { read("objects.npz"); });
  expect_error(ErrorCode::kUnsupported, {"big_endian.npz: x: big-endian"}, [] { read("big_endian.npz"); });
  expect_bad("no_arrays.npz", ": not an array of numpy");
}

TEST(NpzRegions, FiveThousandRegionsAreReadWithinTheLimit) {
  EXPECT_EQ(read("many_regions.npz").features.rows(), 5000u);
  expect_error(ErrorCode::kBadFormat, "5000 regions, at most 4999 are accepted",
               [] { read("many_regions.npz", {.max_regions = 4999}); });
}

TEST(M3pRegions, TheNumberOfBoxesIsNotLookedAt) { expect_plain("m3p_fewer_boxes_said.pt"); }

TEST(M3pRegions, SizesMayBeNumbersOfNumpy) { expect_plain("m3p_numpy_sizes.pt"); }

TEST(M3pRegions, OthersAreRefused) {
  expect_bad("m3p_no_sizes.pt", "img_h is missing");
  expect_bad("m3p_text_size.pt", "found the text \"50\", a number is wanted");
  expect_bad("m3p_fewer_boxes.pt", "found features [2, 3] and boxes [1, 4]");
  expect_error(ErrorCode::kUnsupported, "found an array of dtype \"U1\"", [] { read("m3p_words.pt"); });
}

TEST(OnePicture, EveryTruncationIsRefused) {
  for (const char* name : {"plain.npz", "deflated.npz", "m3p_numpy_sizes.pt", "m3p_fewer_boxes_said.pt"}) {
    const std::string good = bytes_of_file(odd_files() / name);
    for (std::size_t size = 0; size < good.size(); ++size) {
      expect_error(ErrorCode::kBadFormat, name,
                   [&] { open_bytes(name, good.substr(0, size))->read(std::filesystem::path(name).stem()); });
    }
  }
}

TEST(OnePicture, FlippedBytesAreReadOrRefused) {
  unsigned refused = 0;
  for (const char* name : {"plain.npz", "deflated.npz", "m3p_numpy_sizes.pt"}) {
    const std::string good = bytes_of_file(odd_files() / name);
    for (unsigned seed = 0; seed < 3'000; ++seed) {
      std::mt19937 random(seed);
      std::string bytes = good;
      for (auto flips = random() % 3 + 1; flips > 0; --flips) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      try {
        open_bytes(name, bytes, {.max_regions = 100, .max_bytes = 1 << 20})
            ->read(std::filesystem::path(name).stem());
      } catch (const Error& error) {
        ++refused;
        EXPECT_TRUE(error.code() == ErrorCode::kBadFormat || error.code() == ErrorCode::kUnsupported)
            << error.what();
      }
    }
  }
  EXPECT_GT(refused, 1'000u);
}

}  // namespace
}  // namespace tandem::regions
