#include <gtest/gtest.h>

#include "region_bytes.h"
#include "regions/region_library.h"
#include "support/expect_error.h"

namespace tandem::regions {
namespace {

TagsById read_tag_lines(const std::string& text) {
  MemoryFiles files;
  files.set("tags.jsonl", text);
  return read_tags("tags.jsonl", files);
}

TEST(RegionTags, AreReadFromPickledDicts) {
  EXPECT_EQ(tandem::read_tags(odd_files() / "tags.pt"), (TagsById{{"2", "cat sofa"}, {"a", "dog"}}));
}

TEST(RegionTags, AreReadFromLinesOfJson) {
  EXPECT_EQ(read_tag_lines(R"({"image": "a", "tags": "dog"})"
                           "\n\r\n"
                           R"({"tags": "cat sofa", "image": 2, "source": "more"})"),
            (TagsById{{"2", "cat sofa"}, {"a", "dog"}}));
  EXPECT_EQ(read_tag_lines(""), TagsById{});
}

TEST(RegionTags, AnIdTwiceIsRefused) {
  expect_error(ErrorCode::kBadFormat, "the id \"2\" is there twice",
               [] { tandem::read_tags(odd_files() / "tags_twice.pt"); });
  expect_error(ErrorCode::kBadFormat, "tags.jsonl: line 2: the id \"2\" is there twice",
               [] { read_tag_lines("{\"image\":2,\"tags\":\"\"}\n{\"image\":\"2\",\"tags\":\"\"}"); });
}

TEST(RegionTags, OtherFormsAreRefused) {
  expect_error(ErrorCode::kBadFormat, "found a list of 1 as the tags of the text \"a\"",
               [] { tandem::read_tags(odd_files() / "tags_list.pt"); });
  expect_error(ErrorCode::kBadFormat, "found a list of 1, a dict",
               [] { tandem::read_tags(odd_files() / "oscar_list.pt"); });
  expect_error(ErrorCode::kBadFormat, "line 1: found [], an object", [] { read_tag_lines("[]"); });
  expect_error(ErrorCode::kBadFormat, "line 1: tags: a text is wanted",
               [] { read_tag_lines(R"({"image":"a"})"); });
  expect_error(ErrorCode::kBadFormat, "line 1: image: the id",
               [] { read_tag_lines(R"({"tags":"a","image":1.5})"); });
  expect_error(ErrorCode::kBadFormat, "line 1: not valid JSON", [] { read_tag_lines("{"); });
}

std::string tags_of(const std::string& picture, const TagsById& tags) {
  const auto path = std::filesystem::path(TANDEM_TEST_DATA) / "regions" / picture;
  return std::get<Regions>(load_picture(path, {}, tags)).tags;
}

TEST(RegionTags, ComeToTheirPictureByItsId) {
  EXPECT_EQ(tags_of("many.tsv#104", {{"104", "dog"}, {"many", "no"}, {"many.tsv", "no"}}), "dog");
  EXPECT_EQ(tags_of("101.npz", {{"101", "cat"}}), "cat");
  EXPECT_EQ(tags_of("101.npz", {{"101.npz", "cat"}}), "cat");
  EXPECT_EQ(
      tags_of("101.npz", {{(std::filesystem::path(TANDEM_TEST_DATA) / "regions/101.npz").string(), "a"}}),
      "a");
  EXPECT_EQ(tags_of("101.npz", {{"102", "dog"}}), "");
}

TEST(RegionTags, AreAPartOfTheContent) {
  const RegionPlace place{std::filesystem::path(TANDEM_TEST_DATA) / "regions/101.npz", {}};
  const auto hash = [&](const TagsById& tags) { return RegionLibrary(&tags).content_hash(place); };
  EXPECT_EQ(hash({}), RegionLibrary().content_hash(place));
  EXPECT_EQ(hash({{"other", "dog"}}), hash({}));
  EXPECT_NE(hash({{"101", "dog"}}), hash({}));
  EXPECT_NE(hash({{"101", "dog"}}), hash({{"101", "cat"}}));
}

TEST(RegionFiles, AreKnownByTheirNames) {
  for (const char* name : {"a.npz", "folder/a.tsv", "a.b.pt"}) EXPECT_TRUE(is_region_file(name)) << name;
  for (const char* name : {"a.jpg", "npz", ".pt", "a.pth", "a.bin", "a.npy", ""})
    EXPECT_FALSE(is_region_file(name)) << name;
  expect_error(ErrorCode::kInvalidArgument, "a.jpg: not a file of regions by its name",
               [] { RegionFile::open("a.jpg"); });
  expect_error(ErrorCode::kNotFound, "absent.tsv", [] { RegionFile::open("absent.tsv"); });
}

}  // namespace
}  // namespace tandem::regions
