#include <gtest/gtest.h>

#include "region_bytes.h"
#include "support/expect_error.h"

namespace tandem::regions {
namespace {

std::shared_ptr<const RegionFile> open_tsv(const std::string& text, const RegionLimits& limits = {}) {
  return open_bytes("r.tsv", text, limits);
}

// The file opens; reading picture `id` fails with these words.
void expect_bad_picture(const std::string& text, std::initializer_list<const char*> words,
                        const char* id = "a") {
  const auto file = open_tsv(text);
  expect_error(ErrorCode::kBadFormat, words, [&] { file->read(id); });
}

void expect_bad_tsv(const std::string& text, std::initializer_list<const char*> words) {
  expect_error(ErrorCode::kBadFormat, words, [&] { open_tsv(text); });
}

std::string first() { return Line{.id = "first"}.text(); }

TEST(TsvRegions, PicturesKeepTheOrderOfTheFile) {
  const auto file = open_tsv(Line{.id = "z"}.text() + Line{.id = "Bäume 7"}.text() + Line{.id = "a"}.text());
  EXPECT_EQ(file->ids(), (std::vector<std::string>{"z", "Bäume 7", "a"}));
  const Regions regions = file->read("Bäume 7");
  EXPECT_EQ(regions.image_width, 60u);
  EXPECT_EQ(regions.image_height, 50u);
  EXPECT_EQ(regions.features.row(0)[2], 2.5f);
  EXPECT_EQ(regions.boxes.row(0)[3], 40.0f);
}

TEST(TsvRegions, LinesMayEndInAnyWay) {
  std::string dos = Line{}.text();
  dos.insert(dos.size() - 1, "\r");
  std::string without = Line{}.text();
  without.pop_back();
  EXPECT_EQ(open_tsv(dos)->read("a").features.row(0)[2], 2.5f);
  EXPECT_EQ(open_tsv(without)->read("a").features.row(0)[2], 2.5f);
}

TEST(TsvRegions, AnUnknownIdIsNotFound) {
  const auto file = open_tsv(Line{}.text());
  expect_error(ErrorCode::kNotFound, "r.tsv: has no picture \"b\"", [&] { file->read("b"); });
  expect_error(ErrorCode::kNotFound, "r.tsv: has no picture \"b\"", [&] { file->content_hash("b"); });
}

TEST(TsvRegions, TheHashIsThatOfThePictureAlone) {
  const auto before = open_tsv(Line{}.text() + Line{.id = "b"}.text());
  const auto after = open_tsv(Line{.id = "b", .features = base64({0, 0, 0})}.text() + Line{}.text());
  EXPECT_EQ(before->content_hash("a"), after->content_hash("a"));
  EXPECT_NE(before->content_hash("b"), after->content_hash("b"));
}

TEST(TsvRegions, AnIdTwiceIsRefused) {
  expect_bad_tsv(Line{}.text() + Line{}.text(), {"r.tsv: line 2: the id \"a\" is there twice"});
}

TEST(TsvRegions, IdsMustBeUtf8AndNotEmptyOrHuge) {
  expect_bad_tsv(Line{.id = "b\xff"}.text(), {"line 1: an id with invalid UTF-8 at its byte 1"});
  expect_bad_tsv(Line{.id = ""}.text(), {"line 1: a picture without an id"});
  expect_bad_tsv(Line{.id = std::string(5000, 'x')}.text(), {"line 1: an id of 5000 bytes"});
}

TEST(TsvRegions, AnEmptyFileIsRefused) {
  expect_bad_tsv("", {"r.tsv: no picture in it"});
  expect_bad_tsv("\n", {"line 1: found 1 columns, 6"});
}

TEST(TsvRegions, OtherNumbersOfColumnsAreRefused) {
  expect_bad_tsv("a\t60\t50\n", {"r.tsv: line 1: found 3 columns, 6"});
  expect_bad_tsv(first() + Line{.features = "AAAA\tx"}.text(), {"r.tsv: line 2: found 7 columns, 6"});
}

TEST(TsvRegions, APictureMustHaveASize) {
  expect_bad_picture(Line{.width = "0"}.text(), {"r.tsv: line 1: width of the picture: found 0"});
  expect_bad_picture(Line{.height = "0"}.text(), {"height of the picture: found 0"});
  expect_bad_picture(Line{.height = "4294967296"}.text(), {"height of the picture: found 4294967296"});
  expect_bad_picture(Line{.width = "-60"}.text(), {"width: found \"-60\", a whole number"});
  expect_bad_picture(Line{.width = "60.5"}.text(), {"width: found \"60.5\""});
}

TEST(TsvRegions, APictureWithoutRegionsIsRefused) {
  const Line none{.count = "0", .boxes = "", .features = ""};
  expect_bad_picture(first() + none.text(), {"r.tsv: line 2: no regions, at least one"});
}

TEST(TsvRegions, NumbersThatDoNotMatchTheCountAreRefused) {
  expect_bad_picture(first() + Line{.count = "2"}.text(), {"r.tsv: line 2: 4 numbers of boxes and 3"});
  expect_bad_picture(first() + Line{.count = "x"}.text(), {"number of regions: found \"x\""});
  const Line five{.boxes = base64({1, 2, 30, 40, 50})};
  expect_bad_picture(first() + five.text(), {"5 numbers of boxes and 3 of features for 1 regions"});
}

TEST(TsvRegions, FeaturesOfAnotherWidthThanTheFirstPicturesAreRefused) {
  expect_bad_picture(first() + Line{.features = base64({1, 2})}.text(),
                     {"r.tsv: line 2: features of width 2, those of the first picture have 3"});
}

TEST(TsvRegions, Base64ThatLiesIsRefused) {
  const std::string good = Line{}.features;
  expect_bad_picture(first() + Line{.features = "*" + good.substr(1)}.text(),
                     {"line 2: features: not Base64"});
  expect_bad_picture(first() + Line{.features = "A=" + good.substr(2)}.text(), {"features: not Base64"});
  expect_bad_picture(first() + Line{.boxes = "*" + Line{}.boxes.substr(1)}.text(), {"boxes: not Base64"});
  expect_bad_picture(first() + Line{.features = good + "A"}.text(),
                     {"17 characters are no Base64 of float32"});
  expect_bad_picture(first() + Line{.features = "===="}.text(), {"features: 4 characters are no Base64"});
}

TEST(TsvRegions, ATruncatedFileIsRefusedWhereItEnds) {
  const std::string whole = first() + Line{}.text();
  for (std::size_t size = first().size() + 1; size + 1 < whole.size(); ++size) {
    expect_error(ErrorCode::kBadFormat,
                 "r.tsv: line 2: ", [&] { open_tsv(whole.substr(0, size))->read("a"); });
  }
  EXPECT_EQ(open_tsv(whole.substr(0, whole.size() - 5))->read("first").features.columns(), 3u)
      << "what is whole can be read";
}

TEST(TsvRegions, NumbersMustBeFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  expect_bad_picture(Line{.features = base64({0, nan, 0})}.text(), {"line 1: region 1: feature 2 is nan"});
  expect_bad_picture(Line{.boxes = base64({0, 0, 0, infinity})}.text(),
                     {"line 1: region 1: number 4 is inf"});
}

TEST(TsvRegions, ABoxThatEndsBeforeItBeginsIsRefused) {
  expect_bad_picture(Line{.boxes = base64({5, 0, 4, 9})}.text(),
                     {"region 1: the box (5, 0, 4, 9) ends before"});
  expect_bad_picture(Line{.boxes = base64({0, 9, 4, 8})}.text(),
                     {"region 1: the box (0, 9, 4, 8) ends before"});
  EXPECT_EQ(open_tsv(Line{.boxes = base64({5, 5, 5, 5})}.text())->read("a").boxes.row(0)[2], 5.0f)
      << "no area";
}

TEST(TsvRegions, BoxesAreClippedToThePicture) {
  const auto box = open_tsv(Line{.boxes = base64({-1, 2, 61, 70})}.text())->read("a").boxes;
  EXPECT_EQ(std::vector<float>(box.data(), box.data() + 4), (std::vector<float>{0, 2, 60, 50}));
}

TEST(TsvRegions, MoreRegionsThanTheLimitsAreRefusedBeforeTheyAreRead) {
  const Line two{
      .count = "2", .boxes = base64(std::vector<float>(8)), .features = base64(std::vector<float>(6))};
  expect_error(ErrorCode::kBadFormat, "2 regions, at most 1 are accepted; raise RegionLimits::max_regions",
               [&] { open_tsv(two.text(), {.max_regions = 1}); });
  expect_error(ErrorCode::kBadFormat, "at most 55 bytes", [&] { open_tsv(two.text(), {.max_bytes = 55}); });
  EXPECT_EQ(open_tsv(two.text(), {.max_regions = 2, .max_bytes = 56})->read("a").boxes.rows(), 2u);
  expect_bad_picture(first() + Line{.count = "18446744073709551615"}.text(),
                     {"18446744073709551615 regions"});
}

TEST(TsvRegions, LimitsOfZeroAreRefused) {
  expect_error(ErrorCode::kInvalidArgument, "max_regions is 0", [] { open_tsv("", {.max_regions = 0}); });
  expect_error(ErrorCode::kInvalidArgument, "max_bytes is 0", [] { open_tsv("", {.max_bytes = 0}); });
}

}  // namespace
}  // namespace tandem::regions
