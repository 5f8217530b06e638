#include "training/event_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "support/expect_error.h"
#include "support/failing_file_system.h"
#include "support/temporary_folder.h"

namespace tandem::training {
namespace {

namespace fs = std::filesystem;

constexpr double kBegun = 1700000000.5;

std::string hex_of(const fs::path& file) {
  std::string hex;
  for (const std::byte byte : FileSystem::system().read(file, 1'000'000)) {
    fmt::format_to(std::back_inserter(hex), "{:02x}", std::to_integer<int>(byte));
  }
  return hex;
}

// Written by TensorBoard 2.21: RecordWriter of Events with wall_time 1700000000.5 and file_version
// "brain.Event:2"; the same time, step 301 and session_log {status: START}; wall_time 1700000001.25, step 301
// and summary {value {tag: "loss/train" simple_value: 2.75}}.
const std::string kVersion =
    "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b353110";
const std::string kStart = "100000000000000095fbfe180900002040fc54d94110ad023a020801596f3f79";
const std::string kPoint =
    "2100000000000000017becf60900005040fc54d94110ad022a130a110a0a6c6f73732f747261696e15000030407395cd1c";

class EventFileTest : public testing::Test {
 protected:
  FailingFileSystem files_;
  TemporaryFolder folder_;
};

TEST_F(EventFileTest, HasTheBytesThatTensorBoardItselfWrites) {
  EventFile file(files_, folder_.path(), kBegun);
  file.scalar("loss/train", 301, 2.75f, 1700000001.25);
  EXPECT_EQ(hex_of(file.path()), kVersion + kPoint);
}

TEST_F(EventFileTest, OfARunThatGoesOnSaysFromWhichStepEarlierPointsAreVoid) {
  EventFile file(files_, folder_.path(), kBegun, 300);
  file.scalar("loss/train", 301, 2.75f, 1700000001.25);
  EXPECT_EQ(hex_of(file.path()), kVersion + kStart + kPoint);
}

TEST_F(EventFileTest, HasANameThatTensorBoardLooksForInAFolderThatIsMadeForIt) {
  const fs::path folder = folder_.path() / "runs" / "first";
  const EventFile file(files_, folder, kBegun);
  EXPECT_EQ(file.path(), folder / "events.out.tfevents.1700000000.tandem");
}

TEST_F(EventFileTest, LeavesThatOfAnotherRunAlone) {
  const EventFile first(files_, folder_.path(), kBegun);
  const EventFile second(files_, folder_.path(), kBegun + 0.25);
  EXPECT_EQ(second.path().filename(), "events.out.tfevents.1700000000.tandem.1");
  EXPECT_EQ(hex_of(first.path()), kVersion);
}

TEST_F(EventFileTest, RefusesATagThatIsNoText) {
  EventFile file(files_, folder_.path(), kBegun);
  expect_error(ErrorCode::kInvalidArgument, {"tag", "UTF-8"}, [&] { file.scalar("\xff", 1, 0, kBegun); });
  EXPECT_EQ(hex_of(file.path()), kVersion);
}

TEST_F(EventFileTest, OnAFullDiskSaysWhichFileCannotBeWritten) {
  EventFile file(files_, folder_.path(), kBegun);
  files_.fail_at(0, Failure::kFullDisk);
  expect_error(ErrorCode::kBackend, file.path().filename(), [&] { file.scalar("loss", 1, 0, kBegun); });
}

TEST_F(EventFileTest, ThatCannotBeBegunIsAnError) {
  for (std::size_t call = 0;; ++call) {
    files_.fail_at(call);
    try {
      const EventFile file(files_, folder_.path() / std::to_string(call), kBegun, 300);
      EXPECT_FALSE(files_.has_failed()) << "call " << call;
      break;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBackend) << error.what();
    }
  }
}

}  // namespace
}  // namespace tandem::training
