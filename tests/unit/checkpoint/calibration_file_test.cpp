#include "checkpoint/calibration_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/expect_error.h"
#include "support/memory_files.h"
#include "support/temporary_folder.h"
#include "tandem/calibration.h"

namespace tandem::checkpoint {
namespace {

std::optional<Calibration> read_text(const std::string& text) {
  MemoryFiles files;
  files.set("model/calibration.json", text);
  return read_calibration("model", files);
}

TEST(CalibrationFile, IsReadAndWhatElseStandsInItIsPassedOver) {
  const auto found =
      read_text(R"({"scale": 3.5, "bias": -0.25, "ece_before": 0.2, "data": {"any": ["thing"]}})");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->scale, 3.5f);
  EXPECT_EQ(found->bias, -0.25f);
}

TEST(CalibrationFile, MayBeMissing) { EXPECT_FALSE(read_calibration("model", MemoryFiles())); }

TEST(CalibrationFile, ThatMakesNoSenseIsRefusedWithAMend) {
  for (const char* text :
       {"", "{", "[1, 2]", "{}", R"({"scale": 1})", R"({"bias": 1})", R"({"scale": "1", "bias": 0})",
        R"({"scale": 0, "bias": 0})", R"({"scale": -2, "bias": 0})", R"({"scale": 1e-60, "bias": 0})",
        R"({"scale": 1e39, "bias": 0})", R"({"scale": 1, "bias": -1e39})", R"({"scale": 1e999, "bias": 0})",
        R"({"scale": 1, "bias": 0, "fused": 1})",
        R"({"scale": 1, "bias": 0, "fused": {"logit": 1, "bias": 0}})",
        R"({"scale": 1, "bias": 0, "fused": {"logit": 0, "similarity": 1, "bias": 0}})",
        R"({"scale": 1, "bias": 0, "fused": {"logit": 1, "similarity": -1, "bias": 0}})"}) {
    expect_error(ErrorCode::kBadFormat, {"model/calibration.json", "tandem calibrate", "remove the file"},
                 [&] { read_text(text); });
  }
}

TEST(CalibrationFile, ComesBackAsItWasSaved) {
  const TemporaryFolder folder;
  const Calibration saved{0.1f, -1.0f / 3};
  save_calibration(folder.path(), {7, 8}, {});
  save_calibration(folder.path(), saved, {1200, 0.25, 0.01, "flickr8k dev \xff"});
  const auto found = read_calibration(folder.path(), FileSystem::system());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->scale, saved.scale);
  EXPECT_EQ(found->bias, saved.bias);
  EXPECT_FALSE(found->fused);
  std::ifstream file(folder.path() / "calibration.json");
  const auto json = nlohmann::json::parse(file);
  EXPECT_EQ(json["pairs"], 1200);
  EXPECT_EQ(json["ece_before"], 0.25);
  EXPECT_EQ(json["ece_after"], 0.01);
  EXPECT_EQ(json["data"], "flickr8k dev \xEF\xBF\xBD") << "a name of a file may hold any byte";
  EXPECT_EQ(FileSystem::system().list(folder.path()).size(), 1u) << "nothing half written is left";
}

TEST(CalibrationFile, OfLogitAndCosineComesBackToo) {
  const TemporaryFolder folder;
  const Calibration saved{2, -1, Calibration::Fused{0.3f, 9.5f, -6.25f}};
  save_calibration(folder.path(), saved, {});
  EXPECT_EQ(read_calibration(folder.path(), FileSystem::system())->fused, saved.fused);
}

TEST(CalibrationFile, OfWhatIsNoCalibrationIsNotSaved) {
  const TemporaryFolder folder;
  for (const Calibration& calibration :
       {Calibration{0, 1}, Calibration{-1, 0}, Calibration{NAN, 0}, Calibration{INFINITY, 0},
        Calibration{1, NAN}, Calibration{1, 0, Calibration::Fused{0, 1, 0}},
        Calibration{1, 0, Calibration::Fused{1, -1, 0}}, Calibration{1, 0, Calibration::Fused{1, 1, NAN}}}) {
    expect_error(ErrorCode::kInvalidArgument, {"scale above 0"},
                 [&] { save_calibration(folder.path(), calibration, {}); });
  }
  EXPECT_TRUE(FileSystem::system().list(folder.path()).empty());
  expect_error(ErrorCode::kNotFound, {"no-such-model"}, [] { save_calibration("no-such-model", {}, {}); });
}

}  // namespace
}  // namespace tandem::checkpoint
