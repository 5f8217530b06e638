#include "models/original_weights.h"

#include <gtest/gtest.h>

#include "checkpoint/safetensors_writer.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace tandem::models {
namespace {

using checkpoint::Weights;

class OriginalWeightsTest : public ::testing::Test {
 protected:
  // Zeros, in one file.
  Weights made(const std::vector<std::pair<std::string, checkpoint::Shape>>& tensors) const {
    std::vector<checkpoint::TensorSource> sources;
    for (const auto& [name, shape] : tensors) {
      sources.push_back(checkpoint::rounded(name, shape, checkpoint::DType::kF32, [](std::span<float>) {}));
    }
    const auto file = folder_.path() / "w.safetensors";
    checkpoint::write_safetensors(file, sources, FileSystem::system());
    return Weights::open_file(file, FileSystem::system());
  }

  TemporaryFolder folder_;
};

TEST_F(OriginalWeightsTest, SidesAreThoseOfTheShape) {
  const Weights weights = made({{"a", {2, 3}}});
  EXPECT_EQ(side_of(weights, "a", 0), 2);
  EXPECT_EQ(side_of(weights, "a", 1), 3);
  for (const char* name : {"a", "b"}) {
    expect_error(ErrorCode::kBadFormat, {"w.safetensors: has no weight", name},
                 [&] { side_of(weights, name, 2); });
  }
}

TEST_F(OriginalWeightsTest, LayersAreCountedUpToTheFirstThatIsMissing) {
  const Weights weights = made({{"l.0.w", {1}}, {"l.1.w", {1}}, {"l.3.w", {1}}});
  EXPECT_EQ(count_layers(weights, "l.", ".w"), 2);
  EXPECT_EQ(count_layers(weights, "m.", ".w"), 0);
}

TEST_F(OriginalWeightsTest, AHeadIs64Wide) {
  const Weights weights = made({{"a", {1}}});
  EXPECT_EQ(heads_of_64(weights, 64), 1);
  EXPECT_EQ(heads_of_64(weights, 768), 12);
  for (const std::int64_t width : {0, 32, 96}) {
    expect_error(ErrorCode::kBadFormat, {"a multiple of 64 is wanted"}, [&] { heads_of_64(weights, width); });
  }
}

TEST_F(OriginalWeightsTest, PatchesCoverASquare) {
  const Weights weights = made({{"a", {1}}});
  EXPECT_EQ(square_side(weights, 2), 1);
  EXPECT_EQ(square_side(weights, 577), 24);
  for (const std::int64_t positions : {0, 1, 6, 576}) {
    expect_error(ErrorCode::kBadFormat, {"one more than a square number"},
                 [&] { square_side(weights, positions); });
  }
}

}  // namespace
}  // namespace tandem::models
