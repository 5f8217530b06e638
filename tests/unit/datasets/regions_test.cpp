// Captions whose pictures are regions of a detector.
#include "unit/datasets/dataset_test_base.h"

namespace tandem {
namespace {

// Region files of the golden tests.
const std::filesystem::path kRegions = std::filesystem::path(TANDEM_TEST_DATA) / "regions";

TEST_F(DatasetTest, RegionsAreFoundByIdOrName) {
  std::filesystem::create_directory(path("regions"));
  std::filesystem::path one;
  for (const auto& entry : std::filesystem::directory_iterator(kRegions)) {
    if (entry.path().extension() == ".npz") one = entry.path();
  }
  ASSERT_FALSE(one.empty());
  std::filesystem::copy_file(one, path("regions/1000.npz"));
  write("captions.jsonl",
        "{\"file\": \"images/1000.jpg\", \"captions\": [\"x\"]}\n"
        "{\"file\": \"2000.jpg\", \"captions\": [\"y\"]}\n");
  const LoadedDataset loaded = load("captions.jsonl", {.regions = path("regions")});
  EXPECT_EQ(loaded.dataset.images[0].file, path("regions/1000.npz"));
  ASSERT_EQ(loaded.report.missing_pictures.count, 1u);
  EXPECT_THAT(loaded.report.missing_pictures.examples[0], HasSubstr("2000.jpg"));
}

TEST_F(DatasetTest, PicturesOfOneRegionFileAreNamedByTheirIds) {
  write("dataset.json", R"({"images": [{"filename": "x.jpg", "cocoid": 17, "sentences": [{"raw": "x"}]}]})");
  // Two pictures of one region with one feature: boxes and features are Base64 of float32.
  const std::string boxes = "AAAAAAAAAAAAAIA/AACAPw==";
  const std::string feature = "AACAPw==";
  write("all.tsv",
        "17\t4\t4\t1\t" + boxes + "\t" + feature + "\n18\t4\t4\t1\t" + boxes + "\t" + feature + "\n");
  EXPECT_EQ(load("dataset.json", {.regions = path("all.tsv")}).dataset.images[0].file,
            path("all.tsv").string() + "#17");
}

TEST_F(DatasetTest, RegionsThatCannotBeAreRefused) {
  write("captions.jsonl", "{\"file\": \"a.jpg\", \"captions\": [\"x\"]}\n");
  std::filesystem::create_directory(path("none"));
  expect_error(ErrorCode::kInvalidArgument, "no region files", [&] { load("", {.regions = path("none")}); });
  expect_error(ErrorCode::kNotFound, "nowhere.npz", [&] { load("", {.regions = path("nowhere.npz")}); });
  expect_error(ErrorCode::kInvalidArgument, "leave one of them out",
               [&] { load("", {.images = path(), .regions = path()}); });
  write("two/a.npz");
  write("two/a.tsv", "a\t4\t4\t1\tAAAAAAAAAAAAAIA/AACAPw==\tAACAPw==\n");
  expect_error(ErrorCode::kInvalidArgument, {"picture a", "too"},
               [&] { load("", {.regions = path("two")}); });
}

}  // namespace
}  // namespace tandem
