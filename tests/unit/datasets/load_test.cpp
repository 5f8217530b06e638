// What a folder holds, which split is taken, and where its pictures are.
#include "unit/datasets/dataset_test_base.h"

namespace tandem {
namespace {

constexpr const char* kLine = "{\"file\": \"a.jpg\", \"captions\": [\"x\"]}\n";

class LoadTest : public DatasetTest {
 protected:
  // One picture in each split.
  void write_splits(std::initializer_list<const char*> splits) {
    std::string lines;
    for (const char* split : splits) {
      write(std::string(split) + ".jpg");
      lines += "{\"file\": \"" + std::string(split) + ".jpg\", \"split\": \"" + split +
               "\", \"captions\": [\"x\"]}\n";
    }
    write("captions.jsonl", lines);
  }
  std::string split(const DatasetOptions& options = {}) {
    const Dataset dataset = load("", options).dataset;
    return dataset.images.size() == 1 ? dataset.images[0].split : std::to_string(dataset.images.size());
  }
};

TEST_F(LoadTest, TheSplitIsTestWhereNoneIsNamed) {
  write_splits({"train", "test", "dev"});
  EXPECT_EQ(split(), "test");
  EXPECT_EQ(split({.split = "dev"}), "dev");
  EXPECT_EQ(split({.split = "validation"}), "dev");
  EXPECT_EQ(split({.split = "all"}), "3");
  expect_error(ErrorCode::kInvalidArgument, {"\"extra\"", "dev, test, train"},
               [&] { split({.split = "extra"}); });
}

TEST_F(LoadTest, TheOnlySplitIsTakenAndSeveralAreAskedFor) {
  write_splits({"train"});
  EXPECT_EQ(split(), "train");
  write_splits({"train", "test_2016"});
  EXPECT_EQ(split(), "test_2016");
  write_splits({"train", "dev"});
  expect_error(ErrorCode::kInvalidArgument, {"which split", "dev, train"}, [&] { split(); });
}

TEST_F(LoadTest, DataWithoutSplitsSaysHowToGiveThem) {
  write("a.jpg");
  write("captions.jsonl", kLine);
  expect_error(ErrorCode::kInvalidArgument,
               {"no split \"train\"", "give each a \"split\"", "column", "with the split \"all\""},
               [&] { load("", {.split = "train"}); });
  EXPECT_EQ(load("", {.split = "all"}).dataset.images.size(), 1u);
}

TEST_F(LoadTest, ALimitTakesTheFirstPictures) {
  write("captions.csv", "file,caption\nb.jpg,x\na.jpg,y\nb.jpg,z\nc.jpg,w\n");
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg"}) write(name);
  const Dataset dataset = load("", {.limit = 2}).dataset;
  ASSERT_EQ(dataset.images.size(), 2u);
  EXPECT_THAT(of(dataset, 0), ElementsAre("b.jpg", "en:x", "en:z"));
  EXPECT_EQ(dataset.captions.size(), 3u);
}

TEST_F(LoadTest, PicturesAreBesideTheDataOrInTheFolderThatIsNamed) {
  write("captions.jsonl", kLine);
  write("images/a.jpg");
  EXPECT_EQ(load().dataset.images[0].file, path("images/a.jpg"));
  write("a.jpg");
  EXPECT_EQ(load().dataset.images[0].file, path("a.jpg"));
  write("elsewhere/a.jpg");
  EXPECT_EQ(load("", {.images = path("elsewhere")}).dataset.images[0].file, path("elsewhere/a.jpg"));
}

TEST_F(LoadTest, AMissingPictureIsFoundAndAllMissingIsAnError) {
  write("captions.jsonl", std::string(kLine) + "{\"file\": \"gone.jpg\", \"captions\": [\"y\"]}\n");
  expect_error(ErrorCode::kNotFound, {"not one of its 2 pictures", "a.jpg"}, [&] { load(); });
  write("a.jpg");
  const LoadedDataset loaded = load();
  EXPECT_EQ(loaded.dataset.images.size(), 2u) << "its captions stay";
  EXPECT_THAT(loaded.report.missing_pictures.examples, ElementsAre(path("gone.jpg").string()));
}

TEST_F(LoadTest, AFolderWithNoDataOrWithSeveralIsRefused) {
  write("a.jpg");
  expect_error(ErrorCode::kInvalidArgument, "captions.jsonl, dataset_*.json", [&] { load(); });
  write("captions.jsonl", kLine);
  write("captions.csv", "file,caption\na.jpg,from the table\n");
  expect_error(ErrorCode::kInvalidArgument, {"captions.jsonl and captions.csv"}, [&] { load(); });
  EXPECT_THAT(of(load("captions.csv").dataset, 0), ElementsAre("a.jpg", "en:from the table"));
  EXPECT_THAT(of(load("", {.format = DatasetFormat::kTable}).dataset, 0),
              ElementsAre("a.jpg", "en:from the table"));
  expect_error(ErrorCode::kInvalidArgument, "data of this format",
               [&] { load("", {.format = DatasetFormat::kKarpathy}); });
}

TEST_F(LoadTest, AFileIsReadAsItsNameOrTheFormatSays) {
  write("a.jpg");
  write("captions.data", kLine);
  expect_error(ErrorCode::kInvalidArgument, ".jsonl .json .csv .tsv .txt", [&] { load("captions.data"); });
  EXPECT_THAT(of(load("captions.data", {.format = DatasetFormat::kJsonLines}).dataset, 0),
              ElementsAre("a.jpg", "en:x"));
  expect_error(ErrorCode::kNotFound, "none.jsonl", [&] { load("none.jsonl"); });
}

TEST_F(LoadTest, ALineWithoutEndIsNotRead) {
  write("captions.jsonl", std::string(16'000'001, 'x'));
  expect_bad({"line 1", "longer than 16000000"});
  write("captions.csv", "file,caption\na,\"" + std::string(16'000'001, '\n'));
  expect_bad({"line 2", "does not end"}, "captions.csv");
}

TEST_F(LoadTest, TheNamesOfFormatsAreRead) {
  for (const char* name : {"jsonl", "karpathy", "multi30k", "table"}) {
    EXPECT_STREQ(to_string(parse_dataset_format(name)), name);
  }
  expect_error(ErrorCode::kInvalidArgument, "\"xml\"", [] { parse_dataset_format("xml"); });
}

}  // namespace
}  // namespace tandem
