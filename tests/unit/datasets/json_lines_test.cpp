#include "unit/datasets/dataset_test_base.h"

namespace tandem {
namespace {

TEST_F(DatasetTest, JsonLinesHavePicturesSplitsLanguagesAndSorts) {
  write("images/a.jpg");
  write("images/b.jpg");
  write("captions.jsonl",
        R"({"image": "images/a.jpg", "split": "test", "captions": {"en": ["x", "y"], "de_described": ["z"]}})"
        "\r\n\n"
        R"({"image": "images/b.jpg", "split": "val", "captions": {"en": ["w"]}})"
        "\n");
  const LoadedDataset loaded = load("", {.split = "all"});
  EXPECT_EQ(loaded.report.format, DatasetFormat::kJsonLines);
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("images/a.jpg", "de:z(described)", "en:x", "en:y"));
  EXPECT_THAT(of(loaded.dataset, 1), ElementsAre("images/b.jpg", "en:w"));
  EXPECT_EQ(loaded.dataset.images[0].file, path("images/a.jpg"));
  EXPECT_EQ(loaded.dataset.images[1].split, "dev") << "as val is called";
  EXPECT_EQ(loaded.dataset.captions[2].id, "images/a.jpg#2");
  EXPECT_THAT(loaded.report.splits, ElementsAre(std::pair("dev", 1), std::pair("test", 1)));
}

TEST_F(DatasetTest, TheLayoutOfTheDemoPhotosHasALanguageToBeAssumed) {
  write("a.jpg");
  write("captions.jsonl", R"({"file": "a.jpg", "captions": ["x"], "cs": "y"})");
  EXPECT_THAT(of(load().dataset, 0), ElementsAre("a.jpg", "en:x", "cs:y"));
  EXPECT_THAT(of(load("", {.language = "fr"}).dataset, 0), ElementsAre("a.jpg", "fr:x", "cs:y"));
  expect_error(ErrorCode::kInvalidArgument, "\"english\"", [&] { load("", {.language = "english"}); });
}

TEST_F(DatasetTest, SeveralLinesOfOnePictureAddUpButThoseOfASecondSplitAreLeftOut) {
  write("a.jpg");
  write("captions.jsonl",
        "{\"file\": \"a.jpg\", \"captions\": [\"x\"]}\n"
        "{\"file\": \"./b/../a.jpg\", \"split\": \"test\", \"captions\": [\"y\"]}\n"
        "{\"file\": \"a.jpg\", \"split\": \"restval\", \"captions\": [\"z\", \"\"]}\n"
        "{\"file\": \"a.jpg\", \"captions\": [\"w\"]}\n");
  const LoadedDataset loaded = load();
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("a.jpg", "en:x", "en:y", "en:w"));
  EXPECT_EQ(loaded.report.empty_captions.count, 0u);
  EXPECT_EQ(loaded.dataset.images[0].split, "test");
  EXPECT_EQ(loaded.report.repeated_ids.count, 0u);
  ASSERT_EQ(loaded.report.several_splits.count, 1u);
  EXPECT_THAT(loaded.report.several_splits.examples[0], HasSubstr("line 3: a.jpg is in train, and in test"));
}

TEST_F(DatasetTest, ACaptionThatRepeatsStaysAndIsFound) {
  write("a.jpg");
  write("b.jpg");
  write("captions.jsonl",
        "{\"file\": \"a.jpg\", \"captions\": [\"x\", \"y\"]}\n"
        "{\"file\": \"b.jpg\", \"captions\": [\"x\"]}\n"
        "{\"file\": \"a.jpg\", \"de\": \"x\", \"captions\": {\"en_short\": \"x\"}}\n"
        "{\"file\": \"a.jpg\", \"captions\": [\"y\"]}\n");
  const LoadedDataset loaded = load();
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("a.jpg", "en:x", "en:y", "en:x(short)", "de:x", "en:y"));
  EXPECT_THAT(loaded.report.repeated_captions.examples,
              ElementsAre(path("captions.jsonl").string() + ": line 4: of a.jpg"));
}

TEST_F(DatasetTest, APictureWithoutCaptionsStaysAndIsFoundWithWhatIsNotRead) {
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg", "d.jpg"}) write(name);
  write(
      "captions.jsonl",
      "{\"file\": \"a.jpg\", \"split\": \"test\", \"caption\": \"x\", \"width\": 640, \"titles\": [\"y\"]}\n"
      "{\"file\": \"b.jpg\", \"split\": \"test\"}\n"
      "{\"file\": \"c.jpg\", \"split\": \"test\", \"captions\": [\"\"]}\n"
      "{\"file\": \"d.jpg\", \"split\": \"train\", \"caption\": \"of another split\"}\n"
      "{\"file\": \"b.jpg\", \"captions\": [\"z\"]}\n");
  const LoadedDataset loaded = load();
  EXPECT_EQ(loaded.dataset.images.size(), 3u) << "wrong answers are wanted too";
  const std::string file = path("captions.jsonl").string();
  EXPECT_THAT(
      loaded.report.without_captions.examples,
      ElementsAre(file + ": line 1: a.jpg, not read: \"caption\", \"titles\"", file + ": line 3: c.jpg"));
}

TEST_F(DatasetTest, EmptyCaptionsAreLeftOutAndCounted) {
  write("a.jpg");
  write("captions.jsonl", R"({"file": "a.jpg", "captions": ["", " \t\n", "x", "", "", "", ""]})");
  const LoadedDataset loaded = load();
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("a.jpg", "en:x"));
  EXPECT_EQ(loaded.report.empty_captions.count, 6u);
  ASSERT_EQ(loaded.report.empty_captions.examples.size(), 5u) << "the first ones";
  EXPECT_THAT(loaded.report.empty_captions.examples[0], HasSubstr("captions.jsonl: line 1: of a.jpg"));
}

TEST_F(DatasetTest, ABadJsonLineIsNamedByItsNumber) {
  for (const char* bad : {"nonsense", "[1]", R"({"captions": ["x"]})", R"({"file": "a", "captions": 3})",
                          "{\"file\": \"a\", \"captions\": [\"\xFF\"]}"}) {
    write("captions.jsonl", std::string("{\"file\": \"a\"}\n\n") + bad + "\n");
    expect_bad({"captions.jsonl: line 3: ", "mend"});
  }
}

}  // namespace
}  // namespace tandem
