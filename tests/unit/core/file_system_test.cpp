#include "core/file_system.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "support/temporary_folder.h"
#include "tandem/error.h"

namespace tandem {
namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <typename F>
ErrorCode code_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no Error was thrown";
  return ErrorCode::kBackend;
}

class FileSystemTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  FileSystem& files_ = FileSystem::system();
};

TEST_F(FileSystemTest, AppendsTruncatesAndReadsBack) {
  const auto path = folder_.path() / "a";
  const auto file = files_.open_append(path);
  file->append(std::as_bytes(std::span("hello", 5)));
  file->append(std::as_bytes(std::span(" world", 6)));
  file->truncate(7);
  file->sync();
  EXPECT_EQ(file->size(), 7u);
  EXPECT_EQ(text_of(files_.read(path, 100)), "hello w");
  EXPECT_EQ(text_of(files_.map(path)->bytes()), "hello w");
}

TEST_F(FileSystemTest, WhatAMapReleasedIsReadAgain) {
  const auto path = folder_.path() / "a";
  const std::string text(20'000, 'x');
  files_.open_append(path)->append(std::as_bytes(std::span(text)));
  const auto map = files_.map(path);
  EXPECT_EQ(text_of(map->bytes()), text);
  map->release(map->bytes().subspan(5'000, 9'000));
  EXPECT_EQ(text_of(map->bytes()), text);
  map->release(map->bytes());
  map->release({});
  EXPECT_EQ(text_of(map->bytes()), text);
}

TEST_F(FileSystemTest, AnEmptyFileMapsToNothing) {
  files_.open_append(folder_.path() / "empty");
  EXPECT_TRUE(files_.map(folder_.path() / "empty")->bytes().empty());
}

TEST_F(FileSystemTest, TheKindOfAPathDecidesTheError) {
  EXPECT_EQ(code_of([&] { files_.read(folder_.path() / "missing", 1); }), ErrorCode::kNotFound);
  EXPECT_EQ(code_of([&] { files_.read(folder_.path(), 1); }), ErrorCode::kInvalidArgument);
  const auto fifo = folder_.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(code_of([&] { files_.map(fifo); }), ErrorCode::kInvalidArgument) << "and does not hang";
}

TEST_F(FileSystemTest, ReadRefusesMoreThanAsked) {
  replace_file(files_, folder_.path() / "big", std::string(100, 'x'));
  EXPECT_EQ(code_of([&] { files_.read(folder_.path() / "big", 99); }), ErrorCode::kBadFormat);
  EXPECT_EQ(files_.read(folder_.path() / "big", 100).size(), 100u);
}

TEST_F(FileSystemTest, ReplaceLeavesNoTemporaryBehind) {
  const auto path = folder_.path() / "f";
  replace_file(files_, path, std::string_view("one"));
  replace_file(files_, path, std::string_view("two"));
  EXPECT_EQ(text_of(files_.read(path, 10)), "two");
  EXPECT_EQ(files_.list(folder_.path()).size(), 1u);
}

TEST_F(FileSystemTest, TheSecondLockIsBusyAndNamesTheHolder) {
  const auto path = folder_.path() / "lock";
  auto first = files_.lock(path, "process 42");
  try {
    files_.lock(path, "process 43");
    FAIL() << "locked twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBusy);
    EXPECT_NE(std::strstr(error.what(), "process 42"), nullptr) << error.what();
  }
  first.reset();
  EXPECT_NE(files_.lock(path, "process 43"), nullptr);
}

TEST_F(FileSystemTest, ListsSortedWithoutDots) {
  replace_file(files_, folder_.path() / "b", std::string_view(""));
  replace_file(files_, folder_.path() / "a", std::string_view(""));
  const std::vector<std::filesystem::path> wanted = {"a", "b"};
  EXPECT_EQ(files_.list(folder_.path()), wanted);
}

}  // namespace
}  // namespace tandem
