#include "checkpoint/safetensors_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/half.h"
#include "safetensors_bytes.h"
#include "support/expect_error.h"
#include "support/failing_file_system.h"
#include "support/memory_files.h"
#include "support/recording_file_system.h"
#include "support/temporary_folder.h"

namespace tandem::checkpoint {
namespace {

std::filesystem::path data(const char* name) {
  return std::filesystem::path(TANDEM_TEST_DATA) / "checkpoint" / name;
}

TensorSource floats(const std::string& name, const std::vector<float>& values, DType dtype = DType::kF32) {
  return rounded(name, {static_cast<std::int64_t>(values.size())}, dtype,
                 [values](std::span<float> out) { std::ranges::copy(values, out.begin()); });
}

Weights open_written(const std::filesystem::path& file) {
  return Weights::open_file(file, FileSystem::system());
}

void expect_equal_bytes(const Weights& found, const Weights& wanted) {
  ASSERT_EQ(found.names(), wanted.names());
  for (const std::string& name : wanted.names()) {
    EXPECT_STREQ(to_string(found.find(name)->dtype), to_string(wanted.find(name)->dtype)) << name;
    EXPECT_EQ(found.find(name)->shape, wanted.find(name)->shape) << name;
    EXPECT_TRUE(std::ranges::equal(found.find(name)->bytes, wanted.find(name)->bytes)) << name;
  }
}

TEST(SafetensorsWriter, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const std::vector<TensorSource> sources = {floats("b", {1, 2, 3}), floats("größe", {}), floats("a", {4})};
  write_safetensors(path, sources, FileSystem::system());
  const Weights weights = open_written(path);
  EXPECT_EQ(weights.names(), (std::vector<std::string>{"a", "b", "größe"}));
  std::vector<float> values(3);
  weights.read("b", values);
  EXPECT_EQ(values, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(weights.find("größe")->shape, Shape{0});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(weights.find("b")->bytes.data()) % 8, 0u);
}

TEST(SafetensorsWriter, AnEmptyFileIsAFile) {
  const TemporaryFolder folder;
  write_safetensors(folder.path() / "w.safetensors", {}, FileSystem::system());
  EXPECT_TRUE(open_written(folder.path() / "w.safetensors").names().empty());
}

// data/checkpoint/rounded_*.safetensors: the same values in each dtype, by the reference.
TEST(SafetensorsWriter, RoundsAsTheReferenceRounds) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const Weights exact = open_written(data("rounded_f32.safetensors"));
  for (const auto& [name, dtype] : {std::pair("rounded_f32.safetensors", DType::kF32),
                                    {"rounded_f16.safetensors", DType::kF16},
                                    {"rounded_bf16.safetensors", DType::kBF16}}) {
    write_safetensors(path, all_tensors(exact, dtype), FileSystem::system());
    const Weights found = open_written(path);
    const Weights wanted = open_written(data(name));
    EXPECT_STREQ(to_string(found.find("values")->dtype), to_string(dtype));
    std::vector<float> a(found.find("values")->count());
    std::vector<float> b(a.size());
    ASSERT_GT(a.size(), 4000u);
    found.read("values", a);
    wanted.read("values", b);
    for (std::size_t i = 0; i < a.size(); ++i) {
      // Bit for bit but for what is not a number.
      if (std::isnan(b[i])) {
        EXPECT_TRUE(std::isnan(a[i]));
      } else {
        EXPECT_EQ(std::bit_cast<std::uint32_t>(a[i]), std::bit_cast<std::uint32_t>(b[i])) << name << " " << i;
      }
    }
  }
}

TEST(SafetensorsWriter, IntegersStayAsTheyAreAndQuantisedTensorsBecomeFloats) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  MemoryFiles files;
  files.set("q.safetensors", file_of({{"ids", "I64", "[1]", std::string("\x05\0\0\0\0\0\0\0", 8)},
                                      {"plain", "I8", "[1]", "\x05"},
                                      {"q", "I8", "[2,2]", std::string("\x01\xFF\x02\x7F", 4)},
                                      {"q.scale", "F32", "[2]", bytes_of({0.5f, 2})}}));
  write_safetensors(path, all_tensors(Weights::open_file("q.safetensors", files), DType::kBF16),
                    FileSystem::system());
  const Weights weights = open_written(path);
  EXPECT_EQ(weights.names(), (std::vector<std::string>{"ids", "plain", "q"}));
  EXPECT_STREQ(to_string(weights.find("ids")->dtype), "I64");
  EXPECT_STREQ(to_string(weights.find("plain")->dtype), "I8");
  EXPECT_STREQ(to_string(weights.find("q")->dtype), "BF16");
  std::vector<float> values(4);
  weights.read("q", values);
  EXPECT_EQ(values, (std::vector<float>{0.5f, -0.5f, 4, 254}));
}

TEST(SafetensorsWriter, PickledWeightsBecomeTheSameSafetensors) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const auto torch_files = std::filesystem::path(TANDEM_TEST_DATA) / "torch-files";
  write_safetensors(path, all_tensors(open_written(torch_files / "linear.pt"), DType::kF32),
                    FileSystem::system());
  expect_equal_bytes(open_written(path), open_written(torch_files / "linear.safetensors"));
}

TEST(SafetensorsWriter, ValuesBeyondTheRangeAreRefused) {
  EXPECT_EQ(floats("w", {65504, -65504, HUGE_VALF}, DType::kF16).bytes().size(), 6u);
  expect_error(ErrorCode::kInvalidArgument, "\"w\": the value -70000 is beyond the range of F16; write F32",
               [] {
                 floats("w", {1, -70000}, DType::kF16).bytes();
               });
  expect_error(ErrorCode::kInvalidArgument, "beyond the range of BF16",
               [] { floats("w", {std::numeric_limits<float>::max()}, DType::kBF16).bytes(); });
}

TEST(SafetensorsWriter, WhatCannotBeIsRefusedAndTheOldFileStays) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  write_safetensors(path, std::vector{floats("old", {1})}, FileSystem::system());
  const auto expect = [&](const char* words, const std::vector<TensorSource>& tensors) {
    expect_error(ErrorCode::kInvalidArgument, words,
                 [&] { write_safetensors(path, tensors, FileSystem::system()); });
    EXPECT_EQ(open_written(path).names(), std::vector<std::string>{"old"});
    EXPECT_EQ(FileSystem::system().list(folder.path()).size(), 1u) << "nothing is left beside it";
  };
  expect("\"a\": two tensors of this name", {floats("a", {1}), floats("a", {2})});
  expect("invalid UTF-8", {floats("a\xff", {1})});
  expect("3 bytes for U8 [4], 4 are wanted",
         {floats("a", {1}), {"b", DType::kU8, {4}, [] { return std::vector<std::byte>(3); }}});
  expect_error(ErrorCode::kInvalidArgument, "writing floats as I8", [] { floats("a", {1}, DType::kI8); });
}

TEST(SafetensorsWriter, TheFileIsSyncedBeforeItTakesItsName) {
  const TemporaryFolder folder;
  RecordingFileSystem files;
  write_safetensors(folder.path() / "w.safetensors", std::vector{floats("a", {1}), floats("b", {2})}, files);
  std::vector<FileAction> actions;
  for (const FileEvent& event : files.events()) actions.push_back(event.action);
  using enum FileAction;
  EXPECT_EQ(actions, (std::vector{kRemove, kOpen, kWrite, kWrite, kWrite, kSync, kRename, kSyncFolder}));
}

TEST(SafetensorsWriter, AFailureAtAnyCallLeavesTheOldOrTheNewFile) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  write_safetensors(path, std::vector{floats("old", {1})}, FileSystem::system());
  FailingFileSystem files;
  bool succeeded = false;
  for (std::size_t call = 0; !succeeded; ++call) {
    files.fail_at(call, Failure::kFullDisk);
    try {
      write_safetensors(path, std::vector{floats("new", {2})}, files);
      succeeded = true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBackend);
    }
    const std::vector<std::string> names = open_written(path).names();
    ASSERT_EQ(names.size(), 1u);
    EXPECT_TRUE(names[0] == "new" || (names[0] == "old" && !succeeded));
  }
}

}  // namespace
}  // namespace tandem::checkpoint
