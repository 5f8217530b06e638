// Repairing a small gallery of real photos by the command.
#include <gmock/gmock.h>

#include <fstream>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class RepairCommandTest : public PhotosTest {
 protected:
  void SetUp() override {
    PhotosTest::SetUp();
    index({"--captions", captions_});
    hits_ = hits();
  }

  // Of a search, without ids. A similarity depends in its last digits on what is computed together.
  std::vector<std::string> hits() {
    std::vector<std::string> lines;
    for (const Json& hit : run_json({"search", gallery_, "a bus in a city"})) {
      lines.push_back(hit["path"].get<std::string>() + ' ' +
                      std::to_string(hit["similarity"].get<float>()).substr(0, 6));
    }
    return lines;
  }

  void flip(const std::string& file, std::streamoff at) {
    std::fstream stream(gallery_ + "/" + file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(at);
    const char byte = static_cast<char>(stream.get() ^ 0x20);
    stream.seekp(at);
    stream.put(byte);
  }

  std::vector<std::string> hits_;
};

TEST_F(RepairCommandTest, MendsAllFilesAndSaysWhatItDid) {
  flip("images-000001.seg", 200);
  flip("manifest.json", 60);
  fs::remove(gallery_ + "/captions-000003.seg");
  EXPECT_EQ(run_tandem({"search", gallery_, "a bus"}).status, 4);
  const Outcome found = run_tandem({"verify", gallery_, "--deep"});
  EXPECT_EQ(found.status, 4);
  EXPECT_THAT(found.out, HasSubstr("manifest.json"));
  EXPECT_THAT(found.out, HasSubstr("captions-000003.seg: is missing"));
  EXPECT_THAT(found.out, HasSubstr("images-000001.seg"));
  EXPECT_THAT(found.err, HasSubstr("--repair"));

  const Json report = run_json({"verify", gallery_, "--repair"}).at(0);
  EXPECT_EQ(report["ok"], true);
  EXPECT_EQ(report["images"], 4);
  EXPECT_EQ(report["problems"], Json::array());
  EXPECT_EQ(report["recomputed_images"], 1);
  EXPECT_GT(report["recomputed_captions"], 4);
  EXPECT_EQ(report["found"].size(), 3u);
  EXPECT_GT(report["repaired"].size(), 3u);
  EXPECT_EQ(hits(), hits_);

  const Outcome again = run_tandem({"verify", gallery_, "--repair"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, HasSubstr("all is well"));
}

TEST_F(RepairCommandTest, WithoutTheModelNothingIsChanged) {
  flip("images-000001.seg", 200);
  EXPECT_THAT(expect_failure(3, {"verify", gallery_, "--repair", "--model", path("none")}),
              HasSubstr("none"));
  EXPECT_THAT(expect_failure(2, {"verify", gallery_, "--model", path("none")}), HasSubstr("--repair"));
  EXPECT_EQ(run_json({"verify", gallery_, "--repair"}).at(0)["recomputed_images"], 1);
}

TEST_F(RepairCommandTest, WhatCannotBeRepairedSaysHowToMend) {
  std::ofstream(gallery_ + "/catalogue.sqlite", std::ios::trunc) << "nothing";
  EXPECT_THAT(expect_failure(4, {"verify", gallery_, "--repair"}), HasSubstr("index anew"));
}

}  // namespace
}  // namespace tandem
