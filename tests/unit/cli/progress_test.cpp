#include "cli/progress.h"

#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

IndexProgress progress(std::size_t done, std::size_t total, double rate = 0, std::size_t skipped = 0) {
  IndexProgress progress;
  progress.done = done;
  progress.total = total;
  progress.images_per_second = rate;
  progress.skipped = skipped;
  return progress;
}

TEST(ProgressText, TellsCountRateTimeLeftAndSkipped) {
  EXPECT_EQ(progress_text(progress(0, 60)), "0 of 60 pictures");
  EXPECT_EQ(progress_text(progress(12, 60, 4)), "12 of 60 pictures, 4.0 per second, 0:12 left");
  EXPECT_EQ(progress_text(progress(60, 60, 4, 2)), "60 of 60 pictures, 4.0 per second, 0:00 left, 2 skipped");
  EXPECT_EQ(progress_text(progress(0, 9000, 0.5)), "0 of 9000 pictures, 0.5 per second, 5:00:00 left");
}

TEST(ProgressText, TellsBytes) { EXPECT_EQ(progress_text(999, 1'200'000), "999 bytes of 1.2 MB"); }

TEST(ProgressBar, FillsWithTheShareThatIsDone) {
  EXPECT_EQ(progress_bar(0, 4, "text", 200), "[" + std::string(30, '-') + "] text");
  EXPECT_EQ(progress_bar(2, 4, "text", 200), "[" + std::string(15, '#') + std::string(15, '-') + "] text");
  EXPECT_EQ(progress_bar(4, 4, "text", 200), "[" + std::string(30, '#') + "] text");
  EXPECT_EQ(progress_bar(0, 0, "text", 200), "[" + std::string(30, '#') + "] text");
}

TEST(ProgressBar, NeverExceedsTheWidth) {
  for (std::size_t width = 0; width < 100; ++width) {
    EXPECT_LE(progress_bar(1, 9, progress_text(progress(1234, 100'000, 12.3, 17)), width).size(), width);
  }
}

TEST(PairsText, CountsPairs) {
  EXPECT_EQ(pairs_text(12, 300), "12 of 300 pairs matched");
  EXPECT_EQ(pairs_text(0, 1), "0 of 1 pair matched");
}

}  // namespace
}  // namespace tandem::cli
