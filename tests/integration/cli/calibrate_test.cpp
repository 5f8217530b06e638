// Calibrations of the shipped model on the demo photos.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class CalibrateTest : public CliTest {
 protected:
  // A folder of the model, for its own calibration.json to be written into.
  CalibrateTest() {
    fs::create_directory(model_);
    for (const auto& entry : fs::directory_iterator(kDefaultModel)) {
      if (entry.path().filename() == "calibration.json") continue;
      fs::create_symlink(entry.path(), model_ / entry.path().filename());
    }
  }

  Json calibrate(const Arguments& more = {}) {
    Arguments arguments = {"calibrate", "--data",  kPhotos, "--split",   "all",
                           "--limit",   "20",      "--k",   "5",         "--language",
                           "en",        "--model", model_,  "--gallery", path("gallery")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_json(arguments).at(0);
  }

  const fs::path model_ = path("model");
};

TEST_F(CalibrateTest, WhatIsWrittenIsWhatProbabilitiesComeFrom) {
  const Json before = run_json({"info", model_}).at(0);
  EXPECT_EQ(before["calibration"], (Json{{"scale", 1.0}, {"bias", 0.0}, {"fused", nullptr}}));
  const Json found = calibrate();
  EXPECT_EQ(found["model_path"], fs::canonical(model_).string());
  EXPECT_EQ(found["written"], true);
  EXPECT_GE(found["pairs"], 60 * 5) << "five pictures for each caption";
  EXPECT_LE(found["pairs"], 60 * 5 + 20 * 5) << "and five captions for each picture";
  EXPECT_LT(found["ece_after"], found["ece_before"]);

  const Json after = run_json({"info", model_}).at(0);
  EXPECT_EQ(after["calibration"],
            (Json{{"scale", found["scale"]}, {"bias", found["bias"]}, {"fused", found["fused"]}}));
  EXPECT_EQ(after["weights_fingerprint"], before["weights_fingerprint"]) << "galleries stay valid";
  const Json match =
      run_json({"match", "--model", model_, "--image", kPhotos / "panda.jpg", "--text", "a panda"}).at(0);
  const double log_odds =
      found["scale"].get<double>() * match["logit"].get<double>() + found["bias"].get<double>();
  EXPECT_NEAR(match["probability"].get<double>(), 1 / (1 + std::exp(-log_odds)), 1e-5);
}

TEST_F(CalibrateTest, ASecondRunFindsTheSame) {
  const Json first = calibrate();
  EXPECT_EQ(calibrate(), first) << "it begins from the logits, not from the calibration that is there";
  EXPECT_THAT(expect_failure(2, {"calibrate", "--data", kPhotos, "--split", "all", "--limit", "20", "--k",
                                 "5", "--language", "en", "--model", model_, "--gallery", path("gallery"),
                                 "--quiet", "--temperature"}),
              HasSubstr("they need a bias too"))
      << "a match that learnt to order alone";
}

TEST_F(CalibrateTest, ADryRunWritesNothing) {
  const Json found = calibrate({"--dry-run"});
  EXPECT_EQ(found["written"], false);
  EXPECT_FALSE(fs::exists(model_ / "calibration.json"));
  const Outcome outcome = run_tandem({"calibrate", "--data", kPhotos, "--split", "all", "--limit", "5",
                                      "--language", "en", "--model", model_, "--dry-run"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* part : {"scale ", "bias ", "pairs", "expected calibration error: ", "not written into "}) {
    EXPECT_THAT(outcome.out, HasSubstr(part));
  }
}

TEST_F(CalibrateTest, WhatCannotBeIsRefused) {
  EXPECT_THAT(expect_failure(2, {"calibrate", "--data", kPhotos}), HasSubstr("\"dev\""))
      << "data without splits says nothing of what was trained on";
  EXPECT_THAT(expect_failure(2, {"calibrate", "--data", kPhotos, "--k", "0"}), HasSubstr("shortlist of 0"));
  const auto clip = fs::path(TANDEM_TEST_DATA) / "clip-gelu/model";
  EXPECT_THAT(expect_failure(6, {"calibrate", "--quiet", "--data", kPhotos, "--split", "all", "--limit", "3",
                                 "--model", clip}),
              HasSubstr("match"));
  std::ofstream(model_ / "calibration.json") << R"({"scale": -1, "bias": 0})";
  EXPECT_THAT(expect_failure(4, {"info", model_}), HasSubstr("calibration.json: scale: found -1"));
}

}  // namespace
}  // namespace tandem
