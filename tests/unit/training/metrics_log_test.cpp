#include "training/metrics_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <string>

#include "support/expect_error.h"
#include "support/failing_file_system.h"
#include "support/temporary_folder.h"

namespace tandem::training {
namespace {

namespace fs = std::filesystem;

constexpr const char* kThreeSteps =
    "{\"kind\":\"train\",\"step\":1,\"loss\":3.5}\n"
    "{\"kind\":\"train\",\"step\":2,\"loss\":2.25}\n"
    "{\"kind\":\"dev\",\"step\":2,\"mrr\":0.5}\n"
    "{\"kind\":\"train\",\"step\":3,\"loss\":2.0}\n";

class MetricsLogTest : public testing::Test {
 protected:
  fs::path path() const { return folder_.path() / "metrics.jsonl"; }
  void put(const std::string& text) { std::ofstream(path(), std::ios::binary) << text; }
  std::string text() const {
    const auto bytes = FileSystem::system().read(path(), 1'000'000);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  static void append_all(MetricsLog& log, std::uint64_t steps_done) {
    if (steps_done < 1) log.append("train", 1, {{"loss", 3.5}});
    if (steps_done < 2) log.append("train", 2, {{"loss", 2.25}});
    if (steps_done < 2) log.append("dev", 2, {{"mrr", 0.5}});
    log.append("train", 3, {{"loss", 2}});
  }

  FailingFileSystem files_;
  TemporaryFolder folder_;
};

TEST_F(MetricsLogTest, IsOneObjectOnEachLine) {
  MetricsLog log(files_, path(), 0, 0);
  append_all(log, 0);
  EXPECT_EQ(text(), kThreeSteps);
}

TEST_F(MetricsLogTest, KeepsTheOrderOfNamesAndEveryDigit) {
  MetricsLog log(files_, path(), 0, 0);
  log.append("train", 1, {{"b", 0.1}, {"a", 1e-300}, {"ä \"", 1.0 / 3}});
  EXPECT_EQ(text(), "{\"kind\":\"train\",\"step\":1,\"b\":0.1,\"a\":1e-300,\"ä \\\"\":0.3333333333333333}\n");
}

TEST_F(MetricsLogTest, HasNullForWhatIsNoNumber) {
  MetricsLog log(files_, path(), 0, 0);
  log.append("train", 1, {{"loss", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_EQ(text(), "{\"kind\":\"train\",\"step\":1,\"loss\":null}\n");
}

TEST_F(MetricsLogTest, GoesOnWithoutGapOrRepetitionFromAnyStepAndAfterAKillInTheMiddleOfALine) {
  const std::string whole = kThreeSteps;
  for (std::uint64_t steps_done = 0; steps_done < 3; ++steps_done) {
    const std::size_t least = steps_done == 0 ? 0 : whole.find(steps_done == 1 ? "\"step\":2" : "\"step\":3");
    for (std::size_t written = least; written <= whole.size(); ++written) {
      put(whole.substr(0, written));
      MetricsLog log(files_, path(), steps_done, steps_done);
      append_all(log, steps_done);
      ASSERT_EQ(text(), whole) << written << " bytes, from step " << steps_done;
    }
  }
}

// Killed between an evaluation's record and the checkpoint that knows of it.
TEST_F(MetricsLogTest, DropsAnEvaluationThatIsMadeAgain) {
  const std::string whole = kThreeSteps;
  put(whole.substr(0, whole.find("{\"kind\":\"train\",\"step\":3")));
  MetricsLog log(files_, path(), 2, 0);
  EXPECT_EQ(text(), whole.substr(0, whole.find("{\"kind\":\"dev\"")));
  log.append("dev", 2, {{"mrr", 0.5}});
  log.append("train", 3, {{"loss", 2}});
  EXPECT_EQ(text(), whole);
}

TEST_F(MetricsLogTest, DropsALastLineThatIsNoRecord) {
  for (const char* last : {"{\"kind\":\"tr\n", "null\n", "{\"step\":-1}\n", "\n", "{\"kind\":\"train\"}"}) {
    put(std::string(kThreeSteps) + last);
    const MetricsLog log(files_, path(), 3, 2);
    EXPECT_EQ(text(), kThreeSteps) << last;
  }
}

TEST_F(MetricsLogTest, RefusesAnotherFileAndLeavesItAsItIs) {
  const std::string notes = "{\"step\":1}\nbuy milk\n{\"step\":2}\n";
  put(notes);
  expect_error(ErrorCode::kBadFormat, {"metrics.jsonl line 2", "mend or remove"},
               [&] { MetricsLog(files_, path(), 2, 2); });
  EXPECT_EQ(text(), notes);
}

TEST_F(MetricsLogTest, RefusesANameThatStandsInTheRecordAlready) {
  MetricsLog log(files_, path(), 0, 0);
  for (const Metrics& metrics : {Metrics{{"step", 1}}, Metrics{{"loss", 1}, {"loss", 2}}}) {
    expect_error(ErrorCode::kInvalidArgument, {"another name"}, [&] { log.append("train", 1, metrics); });
  }
  expect_error(ErrorCode::kInvalidArgument, {"UTF-8"}, [&] { log.append("train", 1, {{"\xff", 1}}); });
  EXPECT_EQ(text(), "");
}

TEST_F(MetricsLogTest, WhereAnyCallFailsIsWholeAfterTheNextTry) {
  for (const Failure failure : {Failure::kOneCall, Failure::kFullDisk, Failure::kDeadDevice}) {
    bool has_failed = true;
    for (std::size_t call = 0; has_failed; ++call) {
      put(std::string(kThreeSteps) + "{\"kind\"");
      files_.fail_at(call, failure);
      try {
        MetricsLog log(files_, path(), 1, 1);
        append_all(log, 1);
        log.sync();
        EXPECT_FALSE(files_.has_failed()) << "call " << call;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kBackend) << error.what();
      }
      has_failed = files_.has_failed();
      files_.fail_never();
      MetricsLog log(files_, path(), 1, 1);
      append_all(log, 1);
      EXPECT_EQ(text(), kThreeSteps) << "call " << call;
    }
  }
}

}  // namespace
}  // namespace tandem::training
