#include "unit/datasets/dataset_test_base.h"

namespace tandem {
namespace {

TEST_F(DatasetTest, KarpathyHasPicturesInFoldersSplitsAndSentences) {
  write("images/val2014/COCO_1.jpg");
  write("2.jpg");
  write("dataset_coco.json", R"({"dataset": "coco", "images": [
    {"filepath": "val2014", "sentids": [1, 2], "filename": "COCO_1.jpg", "imgid": 0, "split": "restval", "cocoid": 391895,
     "sentences": [{"tokens": ["a", "dog"], "raw": "A dog.", "imgid": 0, "sentid": 1}, {"raw": "Dog"}]},
    {"filename": "2.jpg", "imgid": 7, "sentences": [{"raw": "A cat."}], "split": "val"}]})");
  const LoadedDataset loaded = load("", {.split = "all"});
  EXPECT_EQ(loaded.report.format, DatasetFormat::kKarpathy);
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("391895", "en:A dog.", "en:Dog"));
  EXPECT_EQ(loaded.dataset.images[0].file, path("images/val2014/COCO_1.jpg"));
  EXPECT_EQ(loaded.dataset.images[0].split, "train") << "as restval counts";
  EXPECT_THAT(of(loaded.dataset, 1), ElementsAre("7", "en:A cat."));
  EXPECT_EQ(loaded.dataset.images[1].file, path("2.jpg"));
}

TEST_F(DatasetTest, AKarpathyPictureWithoutAnIdIsCalledByItsFile) {
  write("1.jpg");
  write("dataset.json", R"({"images": [{"filename": "1.jpg", "sentences": [{"raw": "x"}]}]})");
  EXPECT_THAT(of(load().dataset, 0), ElementsAre("1.jpg", "en:x"));
}

TEST_F(DatasetTest, AnIdTwiceIsCountedAndTakenAsOne) {
  write("1.jpg");
  write("dataset.json", R"({"images": [{"filename": "1.jpg", "imgid": 1, "sentences": [{"raw": "x"}]},
    {"filename": "2.jpg", "imgid": 1, "sentences": [{"raw": "y"}]}]})");
  const LoadedDataset loaded = load();
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("1", "en:x", "en:y"));
  ASSERT_EQ(loaded.report.repeated_ids.count, 1u);
  EXPECT_THAT(loaded.report.repeated_ids.examples[0], HasSubstr("images[1]: 1"));
}

TEST_F(DatasetTest, TwoPeopleMaySayTheSameAndBothCount) {
  write("1.jpg");
  write("dataset.json", R"({"images": [{"filename": "1.jpg", "sentences": [{"raw": "x"}, {"raw": "x"}]}]})");
  const LoadedDataset loaded = load();
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("1.jpg", "en:x", "en:x"));
  EXPECT_EQ(loaded.report.repeated_captions.count, 0u) << "nothing to tell of";
}

TEST_F(DatasetTest, AnIdInASecondSplitIsLeftOut) {
  write("1.jpg");
  write("dataset.json", R"({"images": [
    {"filename": "1.jpg", "split": "test", "sentences": [{"raw": "x"}]},
    {"filename": "1.jpg", "split": "train", "sentences": [{"raw": "y"}]}]})");
  const LoadedDataset loaded = load();
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("1.jpg", "en:x"));
  EXPECT_EQ(loaded.report.several_splits.count, 1u);
  EXPECT_EQ(loaded.report.repeated_ids.count, 0u) << "told once";
}

TEST_F(DatasetTest, BadKarpathyIsNamedByPictureOrLine) {
  write("1.jpg");
  const auto bad = [&](std::initializer_list<const char*> words, const std::string& text) {
    SCOPED_TRACE(text.substr(0, 80));
    write("dataset.json", text);
    expect_bad(words);
  };
  bad({"line 2", "not valid JSON"}, "{\"images\": [\n nonsense]}");
  bad({"line 1", "not valid JSON"}, "{\"images\": [{\"filename\": \"\xFF\"}]}");
  bad({"not valid JSON"}, "");
  bad({"no list \"images\""}, "{\"annotations\": []}");
  bad({"no list \"images\""}, "[{\"filename\": \"1.jpg\"}]");
  bad({"no list \"images\""}, "{\"other\": {\"images\": [{\"filename\": \"1.jpg\"}]}}");
  bad({"no pictures"}, "{\"images\": []}");
  bad({"images[0]", "filename"}, "{\"images\": [{\"imgid\": 1}]}");
  bad({"images[1]", "\"raw\""},
      R"({"images": [{"filename": "1.jpg"}, {"filename": "1.jpg", "sentences": [{"tokens": []}]}]})");
  bad({"nested deeper"}, "{\"images\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}");
}

}  // namespace
}  // namespace tandem
