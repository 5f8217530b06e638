#include "core/int8.h"

#include <gtest/gtest.h>

#include <vector>

namespace tandem {
namespace {

TEST(Int8, EveryStepTimesTheScale) {
  std::vector<std::byte> steps;
  for (int step = -128; step < 128; ++step) steps.push_back(static_cast<std::byte>(step));
  std::vector<float> values(steps.size());
  from_int8(steps, 0.3F, values);
  for (int step = -128; step < 128; ++step) {
    EXPECT_EQ(values[static_cast<std::size_t>(step + 128)], static_cast<float>(step) * 0.3F);
  }
  from_int8({}, 1, {});
}

}  // namespace
}  // namespace tandem
