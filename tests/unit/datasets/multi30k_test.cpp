#include "unit/datasets/dataset_test_base.h"

namespace tandem {
namespace {

class Multi30kTest : public DatasetTest {
 protected:
  void SetUp() override {
    for (const char* name : {"1.jpg", "2.jpg", "3.jpg"}) write(std::string("images/") + name);
  }
};

TEST_F(Multi30kTest, TextsInParallelBelongToTheLinesOfTheList) {
  write("image_splits/test_2016_flickr.txt", "1.jpg\n2.jpg#367178\n");
  write("image_splits/val.txt", "3.jpg\n");
  write("image_splits/alone.txt", "no texts belong to this\n");
  write("raw/test_2016_flickr.en", "One.\nTwo.\n");
  write("raw/test_2016_flickr.de", "Eins.\r\nZwei.");
  write("raw/test_2016_flickr.lc.norm.tok.de", "eins .\nzwei .\n");
  write("raw/val.en", "Three.\n");
  const LoadedDataset loaded = load();
  EXPECT_EQ(loaded.report.format, DatasetFormat::kMulti30k);
  EXPECT_THAT(loaded.report.splits, ElementsAre(std::pair("dev", 1), std::pair("test_2016_flickr", 2)));
  ASSERT_EQ(loaded.dataset.images.size(), 2u) << "the only split that begins with test";
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("1.jpg", "de:Eins.", "en:One."));
  EXPECT_THAT(of(loaded.dataset, 1), ElementsAre("2.jpg", "de:Zwei.", "en:Two."));
  EXPECT_EQ(loaded.dataset.images[1].file, path("images/2.jpg"));
}

TEST_F(Multi30kTest, AListMayBeNamedAndItsTextsNumbered) {
  write("train_images.txt", "1.jpg\n");
  write("train.1.en", "One.\n");
  write("train.2.en", "Uno.\n");
  write("train.x.en", "no number\n");
  EXPECT_THAT(of(load("train_images.txt").dataset, 0), ElementsAre("1.jpg", "en:One.", "en:Uno."));
  EXPECT_EQ(load().dataset.images[0].split, "train") << "the only one there is";
}

TEST_F(Multi30kTest, FilesOfAnotherLengthAreRefused) {
  write("test.txt", "1.jpg\n2.jpg\n");
  write("test.en", "One.\n");
  expect_bad({"test.en", "ends before 2 lines", "test.txt"});
  write("test.en", "One.\nTwo.\nThree.\n");
  expect_bad({"test.en", "more than 2 lines"});
}

TEST_F(Multi30kTest, WhatIsNoCaptionKeepsTheLinesInParallel) {
  write("test.txt", "1.jpg\n2.jpg\n3.jpg\n");
  write("test.en", "\nTw\xFFo.\nThree.\n");
  const LoadedDataset loaded = load();
  EXPECT_THAT(of(loaded.dataset, 2), ElementsAre("3.jpg", "en:Three."));
  EXPECT_EQ(loaded.dataset.captions.size(), 1u);
  EXPECT_EQ(loaded.report.empty_captions.count, 1u);
  ASSERT_EQ(loaded.report.invalid_utf8.count, 1u);
  EXPECT_THAT(loaded.report.invalid_utf8.examples[0], HasSubstr("test.en: line 2: invalid at byte 2"));
}

TEST_F(Multi30kTest, APictureOfTwoListsKeepsTheTextsOfTheFirst) {
  write("test.txt", "1.jpg\n");
  write("test.en", "One.\n");
  write("train.txt", "1.jpg\n2.jpg\n");
  write("train.en", "Uno.\nDue.\n");
  const LoadedDataset loaded = load("", {.split = "all"});
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("1.jpg", "en:One."));
  EXPECT_THAT(of(loaded.dataset, 1), ElementsAre("2.jpg", "en:Due."));
  EXPECT_EQ(loaded.report.several_splits.count, 1u);
}

TEST_F(Multi30kTest, BadListsAreNamedByLine) {
  write("test.en", "One.\nTwo.\n");
  write("test.txt", "1.jpg\n\n");
  expect_bad({"test.txt: line 2", "without a name"});
  write("test.txt", "1.jpg\n\xFF.jpg\n");
  expect_bad({"test.txt: line 2", "invalid UTF-8"});
  write("other.txt", "1.jpg\n");
  expect_error(ErrorCode::kNotFound, "no texts", [&] { load("other.txt"); });
}

}  // namespace
}  // namespace tandem
