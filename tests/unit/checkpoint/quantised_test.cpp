#include "checkpoint/quantised.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace tandem::checkpoint {
namespace {

// What is read of the values once they are written.
std::vector<float> written_and_read(const Shape& shape, const std::vector<float>& values) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const auto sources =
      quantised("w", shape, [&](std::span<float> out) { std::ranges::copy(values, out.begin()); });
  write_safetensors(path, sources, FileSystem::system());
  const Weights weights = Weights::open_file(path, FileSystem::system());
  EXPECT_TRUE(weights.is_quantised("w"));
  EXPECT_EQ(weights.find("w")->shape, shape);
  std::vector<float> found(values.size());
  weights.read("w", found);
  return found;
}

TEST(Quantised, IsReadBackWithinHalfAStepOfItsRow) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (const std::int64_t rows : {1, 2, 17, 33}) {
    std::vector<float> values(static_cast<std::size_t>(rows) * 15);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = normal(random) * static_cast<float>(1 + i / 15);
    const std::vector<float> found = written_and_read({rows, 3, 5}, values);
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
      float largest = 0;
      for (std::size_t i = row * 15; i < row * 15 + 15; ++i) largest = std::max(largest, std::abs(values[i]));
      for (std::size_t i = row * 15; i < row * 15 + 15; ++i) {
        EXPECT_NEAR(found[i], values[i], 0.501f * largest / 127) << rows << " rows, value " << i;
      }
    }
  }
}

TEST(Quantised, KeepsWhatIsAWholeNumberOfSteps) {
  const std::vector<float> values = {-127, 0, 1, 127, 0, 0, 0, 0, 63.5f, -31.75f, 0.25f, 0.5f};
  // The last row has a step of 1/2: 63.5 are 127 of them, and 0.25 is half of one.
  std::vector<float> wanted = values;
  wanted[9] = -32;
  wanted[10] = 0;
  EXPECT_EQ(written_and_read({3, 4}, values), wanted);
}

TEST(Quantised, IsTheSameWhenItIsQuantisedAgain) {
  const std::vector<float> once = written_and_read({2, 3}, {0.1f, -0.7f, 0.33f, 12, 5, -7.5f});
  const std::vector<float> twice = written_and_read({2, 3}, once);
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_FLOAT_EQ(twice[i], once[i]);
}

TEST(Quantised, RefusesWhatHasNoRowsAndWhatIsNotFinite) {
  const auto leave = [](std::span<float>) {};
  expect_error(ErrorCode::kInvalidArgument, {"w", "[]"}, [&] { quantised("w", {}, leave); });
  expect_error(ErrorCode::kInvalidArgument, {"w", "[0, 4]"}, [&] { quantised("w", {0, 4}, leave); });
  for (const float value :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const auto sources = quantised("w", {1, 2}, [&](std::span<float> out) { out[1] = value; });
    for (const TensorSource& source : sources) {
      expect_error(ErrorCode::kInvalidArgument, {"w", "I8"}, [&] { source.bytes(); });
    }
  }
}

}  // namespace
}  // namespace tandem::checkpoint
