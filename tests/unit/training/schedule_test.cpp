#include "training/schedule.h"

#include <gtest/gtest.h>

namespace tandem::training {
namespace {

TrainingOptions options(RateSchedule schedule) {
  TrainingOptions options;
  options.schedule = schedule;
  options.learning_rate = 1;
  options.rounds = 110;
  options.warmup = 10;
  return options;
}

TEST(ScheduleTest, GrowsFromNothingAndFallsToNothing) {
  const TrainingOptions linear = options(RateSchedule::kLinear), cosine = options(RateSchedule::kCosine);
  for (const TrainingOptions& each : {linear, cosine}) {
    EXPECT_EQ(rate_of(each, 0), 0);
    EXPECT_DOUBLE_EQ(rate_of(each, 5), 0.5);
    EXPECT_DOUBLE_EQ(rate_of(each, 10), 1);
    EXPECT_DOUBLE_EQ(rate_of(each, 60), 0.5);
    EXPECT_NEAR(rate_of(each, 110), 0, 1e-12);
  }
  EXPECT_DOUBLE_EQ(rate_of(linear, 35), 0.75);
  EXPECT_NEAR(rate_of(cosine, 35), 0.8535534, 1e-6);
  EXPECT_EQ(rate_of(options(RateSchedule::kConstant), 109), 1);
}

}  // namespace
}  // namespace tandem::training
