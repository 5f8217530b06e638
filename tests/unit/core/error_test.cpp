#include "tandem/error.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/fail.h"

namespace tandem {
namespace {

TEST(Error, EveryCodeHasItsNameAndExitStatus) {
  struct Row {
    ErrorCode code;
    const char* name;
    int status;
  };
  const std::array<Row, 8> rows = {{
      {ErrorCode::kInvalidArgument, "InvalidArgument", 2},
      {ErrorCode::kNotFound, "NotFound", 3},
      {ErrorCode::kBadFormat, "BadFormat", 4},
      {ErrorCode::kVersionTooNew, "VersionTooNew", 5},
      {ErrorCode::kUnsupported, "Unsupported", 6},
      {ErrorCode::kBackend, "Backend", 7},
      {ErrorCode::kBusy, "Busy", 8},
      {ErrorCode::kCancelled, "Cancelled", 130},
  }};
  for (const Row& row : rows) {
    EXPECT_STREQ(to_string(row.code), row.name);
    EXPECT_EQ(exit_status(row.code), row.status) << row.name;
  }
}

TEST(Error, FailFormatsTheMessageAndKeepsTheCode) {
  try {
    fail(ErrorCode::kBadFormat, "{}: found {}, wanted {}", "a.bin", 3, 4);
    FAIL() << "fail() returned";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadFormat);
    EXPECT_STREQ(error.what(), "a.bin: found 3, wanted 4");
  }
}

TEST(Error, ANewlineInANameKeepsTheMessageOnOneLine) {
  EXPECT_STREQ(Error(ErrorCode::kBadFormat, "new\nline\xFF.jpg: is empty").what(),
               "new\\nline\uFFFD.jpg: is empty");
}

}  // namespace
}  // namespace tandem
