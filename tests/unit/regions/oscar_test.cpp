// OSCAR's .pt of many pictures (tests/golden/make/region_files.py).
#include <gtest/gtest.h>

#include "region_bytes.h"
#include "support/expect_error.h"

namespace tandem::regions {
namespace {

std::shared_ptr<const RegionFile> open_oscar(const std::string& name, const RegionLimits& limits = {}) {
  return open_file(odd_files() / name, limits, FileSystem::system());
}

void expect_bad_oscar(const char* name, const char* words) {
  expect_error(ErrorCode::kBadFormat, {name, words}, [&] { open_oscar(name); });
}

void expect_bad_second(const char* name, const char* words) {
  const auto file = open_oscar(name);
  EXPECT_EQ(file->read("a").features.columns(), 3u);
  expect_error(ErrorCode::kBadFormat, {name, "picture \"b\"", words}, [&] { file->read("b"); });
}

TEST(OscarRegions, FeaturesOfAnotherWidthThanTheFirstPicturesAreRefused) {
  expect_bad_second("oscar_other_width.pt", "rows of 8 numbers, those of the first picture have 9");
}

TEST(OscarRegions, APictureWithoutRegionsIsRefused) {
  expect_bad_second("oscar_no_regions.pt", "no regions, at least one");
}

TEST(OscarRegions, NumbersMustBeFinite) { expect_bad_second("oscar_nan.pt", "region 2: feature 1 is nan"); }

TEST(OscarRegions, ATextAndANumberMayNotBeOneId) {
  expect_bad_oscar("oscar_id_twice.pt", "the id \"7\" is there twice");
}

TEST(OscarRegions, IdsAreTextsOrNumbers) {
  expect_bad_oscar("oscar_id_of_another_kind.pt", "found a tuple of 2 as the id");
  expect_bad_oscar("oscar_empty_id.pt", "a picture without an id");
}

TEST(OscarRegions, OtherThingsThanADictOfRowsAreRefused) {
  expect_bad_oscar("oscar_one_dimension.pt", "found a tensor [9]");
  expect_bad_oscar("oscar_no_features.pt", "found a tensor [1, 6]");
  expect_bad_oscar("oscar_nothing.pt", "no picture in it");
  expect_bad_oscar("oscar_list.pt", "found a list of 1, a dict");
  expect_bad_oscar("tags.pt", "found the text \"dog\", a tensor is wanted");
}

TEST(OscarRegions, BoxesAreClippedToThePictureWhichIsOneByOne) {
  const Regions regions = open_oscar("oscar_boxes_outside.pt")->read("a");
  EXPECT_EQ(regions.image_width, 1u);
  EXPECT_EQ(std::vector<float>(regions.boxes.data(), regions.boxes.data() + 4),
            (std::vector<float>{0, 0.2f, 1, 0.6f}));
}

TEST(OscarRegions, PicturesOfOneStorageHaveTheirOwnRowsAndHashes) {
  // The rows rise from 0 to 35: boxes are far outside and end where they begin, at 1.
  const auto file = open_oscar("oscar_views.pt");
  EXPECT_EQ(file->read("upper").features.row(1)[0], 9.0f);
  EXPECT_EQ(file->read("lower").features.row(1)[0], 27.0f);
  EXPECT_EQ(file->read("turned").features.row(3)[2], 29.0f);
  EXPECT_NE(file->content_hash("upper"), file->content_hash("lower"));
  EXPECT_EQ(file->content_hash("upper"), open_oscar("oscar_views.pt")->content_hash("upper"));
}

TEST(OscarRegions, MoreThanTheLimitsIsRefused) {
  const auto file = open_oscar("oscar_views.pt", {.max_regions = 3});
  EXPECT_EQ(file->read("upper").boxes.rows(), 2u);
  expect_error(ErrorCode::kBadFormat, "4 regions, at most 3", [&] { file->read("turned"); });
}

}  // namespace
}  // namespace tandem::regions
