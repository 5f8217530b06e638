// Photos for a model that reads regions: --regions names a detector that finds them.
#include <gmock/gmock.h>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const fs::path kData = TANDEM_TEST_DATA;
const std::string kOscar = kData / "paper/oscar_join/model";
const std::string kDetector = kData / "detector/grid.pt";
const Arguments kWithDetector = {"--model", kOscar, "--regions", kDetector};

class DetectorCliTest : public PhotosTest {
 protected:
  void SetUp() override {
    PhotosTest::SetUp();
    fs::copy_file(kData / "images/one_pixel_wide.png", path("photos/thin.png"));
  }
  std::vector<Json> run_with_detector(Arguments arguments) {
    arguments.insert(arguments.end(), kWithDetector.begin(), kWithDetector.end());
    return run_json(arguments);
  }
};

TEST_F(DetectorCliTest, AFolderOfPhotosIsIndexedAndSearched) {
  const Json report = index(kWithDetector);
  EXPECT_EQ(report["added"], 4);
  EXPECT_EQ(report["skipped"], 1);
  const Json skipped = run_json({"info", gallery_, "--skipped"}).at(0);
  EXPECT_THAT(skipped.dump(), AllOf(HasSubstr("thin.png: "), HasSubstr("grid.pt: the detector failed: "),
                                    HasSubstr("1 x 97 pixels has no room for the grid")));

  // The gallery knows its detector.
  EXPECT_EQ(run_json({"search", gallery_, "a dog on the grass"}).size(), 4u);
  EXPECT_EQ(run_with_detector({"search", gallery_, "a dog on the grass"}).size(), 4u);
  const auto hits = run_json({"search", gallery_, "--image", kPhotos / "panda.jpg", "-k", "1"});
  EXPECT_EQ(fs::path(hits.at(0)["path"].get<std::string>()).filename(), "panda.jpg");
  EXPECT_NEAR(hits.at(0)["similarity"].get<double>(), 1, 1e-5);
}

TEST_F(DetectorCliTest, PhotosAreEmbeddedMatchedAndRepaired) {
  const std::string photo = kPhotos / "panda.jpg";
  const auto embedded = run_with_detector({"embed", "--image", photo});
  EXPECT_EQ(embedded.at(0)["embedding"].size(), 32u);
  const auto matched = run_with_detector({"match", "--image", photo, "--text", "a panda"});
  EXPECT_TRUE(matched.at(0)["logit"].is_number());
  index(kWithDetector);
  EXPECT_EQ(run_with_detector({"verify", gallery_, "--repair"}).at(0)["ok"], true);
}

TEST_F(DetectorCliTest, ADatasetIsEvaluatedByItsPhotosOrByRegionFiles) {
  write_file(captions_,
             "{\"file\": \"panda.jpg\", \"captions\": [\"a panda\"]}\n"
             "{\"file\": \"city_bus.jpg\", \"captions\": [\"a bus\"]}\n");
  const Arguments photos = {"evaluate", "--data", path("photos"), "--method", "emb,ce"};
  const auto by_photos = run_with_detector(photos);
  EXPECT_EQ(by_photos.size(), 2u * 2) << "two methods, two directions";
  for (const Json& result : by_photos) EXPECT_EQ(result["unanswered"], 0) << result;

  write_file(path("ids.jsonl"),
             "{\"file\": \"101\", \"captions\": [\"a dog\"]}\n"
             "{\"file\": \"104\", \"captions\": [\"a cat\"]}\n");
  const auto by_regions = run_json({"evaluate", "--data", path("ids.jsonl"), "--region-files",
                                    kData / "regions/many.tsv", "--model", kOscar, "--method", "emb,ce"});
  EXPECT_EQ(by_regions.size(), 2u * 2);
  for (const Json& result : by_regions) EXPECT_EQ(result["unanswered"], 0) << result;
}

TEST_F(DetectorCliTest, AModelOfPixelsFindsWhatAModelOfRegionsRanks) {
  const std::string clip = (kData / "clip-gelu/model").string();
  const Json report = index({"--model", clip, "--reranker", kOscar, "--regions", kDetector});
  EXPECT_EQ(report["added"], 4);
  const Json info = run_json({"info", gallery_}).at(0);
  EXPECT_FALSE(info.contains("detector"));
  EXPECT_EQ(info["reranker"]["detector"], fs::canonical(kDetector).string());
  const auto hits = run_json({"search", gallery_, "a panda", "-k", "1"});
  const auto match =
      run_with_detector({"match", "--image", hits.at(0)["path"].get<std::string>(), "--text", "a panda"});
  EXPECT_NEAR(hits.at(0)["logit"].get<double>(), match.at(0)["logit"].get<double>(), 2e-3);
  EXPECT_THAT(
      expect_failure(2, {"index", path("other"), path("photos"), "--model", clip, "--reranker", kOscar}),
      HasSubstr("detector"));
}

TEST_F(DetectorCliTest, ItIsRefusedWhereItCannotHelp) {
  const std::string photo = kPhotos / "panda.jpg";
  EXPECT_THAT(expect_failure(2, {"embed", "--image", photo, "--regions", kDetector}),
              HasSubstr("models read pixels"));
  EXPECT_THAT(expect_failure(2, {"evaluate", "--data", kPhotos, "--regions", kDetector}),
              HasSubstr("models read pixels"));
  EXPECT_THAT(expect_failure(3, {"embed", "--image", photo, "--model", kOscar, "--regions", path("none.pt")}),
              HasSubstr("none.pt"));
  EXPECT_THAT(expect_failure(4, {"embed", "--image", photo, "--model", kOscar, "--regions", captions_}),
              HasSubstr("not a TorchScript program"));
  EXPECT_THAT(expect_failure(6, {"embed", "--image", photo, "--model", kOscar}), HasSubstr("detector"));
}

}  // namespace
}  // namespace tandem
