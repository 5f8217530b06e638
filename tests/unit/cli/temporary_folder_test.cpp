#include "cli/temporary_folder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "support/temporary_folder.h"
#include "tandem/error.h"

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ExitedWithCode;

class CliTemporaryFolderTest : public ::testing::Test {
 protected:
  CliTemporaryFolderTest() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    // The process of a death test runs this test again: it takes the folder of the first.
    if (::getenv("TANDEM_TEST_PARENT") == nullptr) ::setenv("TANDEM_TEST_PARENT", parent_.path().c_str(), 1);
    ::setenv("TMPDIR", ::getenv("TANDEM_TEST_PARENT"), 1);
  }
  ~CliTemporaryFolderTest() override {
    ::unsetenv("TANDEM_TEST_PARENT");
    ::unsetenv("TMPDIR");
  }

  tandem::TemporaryFolder parent_;
};

void fill(const fs::path& folder) {
  fs::create_directories(folder / "a" / "b");
  std::ofstream(folder / "a" / "b" / "file") << "x";
}

TEST_F(CliTemporaryFolderTest, GoesWithWhatIsInIt) {
  fs::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    EXPECT_EQ(path.parent_path(), parent_.path());
    fill(path);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(CliTemporaryFolderTest, GoesWhereASignalEndsAProgramThatHangs) {
  for (const int times : {1, 2}) {
    EXPECT_EXIT(
        {
          const StopOnSignal stop;
          const TemporaryFolder folder;
          fill(folder.path());
          for (int i = 0; i < times; ++i) ::raise(SIGINT);
          while (true) ::pause();
        },
        ExitedWithCode(130), "");
    for (const auto& entry : fs::directory_iterator(parent_.path())) {
      // That of the process itself, which it leaves behind as it is ended.
      EXPECT_EQ(entry.path().filename().string().find("tandem-test-"), 0u) << entry.path();
    }
  }
}

TEST_F(CliTemporaryFolderTest, APlaceThatCannotBeWrittenIsAnError) {
  ::setenv("TMPDIR", "/proc", 1);
  EXPECT_THROW(TemporaryFolder(), Error);
}

}  // namespace
}  // namespace tandem::cli
