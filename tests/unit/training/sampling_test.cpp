#include <gmock/gmock.h>

#include <map>
#include <set>

#include "training/negatives.h"
#include "training/sampler.h"

namespace tandem::training {
namespace {

using ::testing::Contains;

// Pictures that nobody reads.
class NoPictures final : public Pictures {
 public:
  std::vector<models::ImageGroup> read(std::span<const View>) const override { return {}; }
  bool is_readable(std::size_t image) const override { return image != 5; }
  std::size_t views() const override { return 1; }
};

class NoTokenizer final : public Tokenizer {
 public:
  TokenIds encode(std::string_view) const override { return {1}; }
  std::size_t vocabulary_size() const override { return 2; }
  std::size_t max_length() const override { return 1; }
};

// Ten pictures with four English and one German caption each; the sixth cannot be read.
Dataset dataset() {
  Dataset data;
  for (std::size_t image = 0; image < 10; ++image) {
    data.images.push_back({std::to_string(image), "", "train"});
    for (int i = 0; i < 5; ++i) {
      data.captions.push_back({"", image, Text("a", i == 4 ? "de" : "en"), ""});
    }
  }
  return data;
}

class SamplingTest : public ::testing::Test {
 protected:
  const Dataset data_ = dataset();
  const TrainingSet set_{data_, {}, NoTokenizer(), NoPictures()};
  const MinedNegatives nothing_mined_;
};

TEST_F(SamplingTest, AnEpochShowsEachPictureOnce) {
  for (const std::uint64_t epoch : {0u, 7u}) {
    std::multiset<std::size_t> seen;
    for (std::uint64_t batch = 0; batch < 3; ++batch) {
      for (const Pair& pair : draw_pairs(set_, StepKind::kEmb, 3, 3 * epoch + batch, 1)) {
        seen.insert(pair.image);
        EXPECT_EQ(set_.image_of(pair.caption), pair.image);
      }
    }
    EXPECT_EQ(seen, (std::multiset<std::size_t>{0, 1, 2, 3, 4, 6, 7, 8, 9})) << "all that can be read";
  }
}

TEST_F(SamplingTest, DependsOnSeedAndStepAlone) {
  const auto drawn = [&](StepKind kind, std::uint64_t step, std::uint64_t seed) {
    return draw_pairs(set_, kind, 3, step, seed);
  };
  EXPECT_EQ(drawn(StepKind::kEmb, 4, 1), drawn(StepKind::kEmb, 4, 1));
  EXPECT_NE(drawn(StepKind::kEmb, 4, 1), drawn(StepKind::kEmb, 5, 1));
  EXPECT_NE(drawn(StepKind::kEmb, 4, 1), drawn(StepKind::kEmb, 4, 2));
  EXPECT_NE(drawn(StepKind::kEmb, 4, 1), drawn(StepKind::kCe, 4, 1));
}

TEST_F(SamplingTest, LanguagesHaveTheSameChanceUnlessTheirCaptionsCount) {
  // Of a picture's five captions one is German.
  const auto part_of_german = [](const TrainingSet& set) {
    constexpr std::size_t kSteps = 300;
    std::size_t german = 0;
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      for (const Pair& pair : draw_pairs(set, StepKind::kEmb, 3, step, 1)) german += pair.caption % 5 == 4;
    }
    return static_cast<double>(german) / (3 * kSteps);
  };
  EXPECT_NEAR(part_of_german(set_), 0.5, 0.07);
  const auto with = [&](double exponent) {
    return part_of_german(TrainingSet(data_, {}, NoTokenizer(), NoPictures(), exponent));
  };
  EXPECT_NEAR(with(0.5), 1.0 / 3, 0.07);
  EXPECT_NEAR(with(1), 0.2, 0.07);
}

TEST_F(SamplingTest, TakesAllPicturesWhereABatchIsLarger) {
  EXPECT_EQ(draw_pairs(set_, StepKind::kEmb, 128, 0, 1).size(), 9u);
}

TEST_F(SamplingTest, NegativesAreWrongAndShareOneSide) {
  TrainingOptions options;
  options.negatives.each = 3;
  std::size_t other_image = 0, all = 0;
  for (std::uint64_t step = 0; step < 200; ++step) {
    const auto pairs = draw_pairs(set_, StepKind::kCe, 3, step, 1);
    const auto labelled = with_negatives(pairs, set_, {at::Tensor(), nothing_mined_}, options, 0, step);
    ASSERT_EQ(labelled.size(), 12u);
    for (std::size_t i = 0; i < labelled.size(); ++i) {
      const LabelledPair& each = labelled[i];
      const Pair& right = pairs[i / 4];
      EXPECT_EQ(each.match, i % 4 == 0);
      EXPECT_EQ(set_.image_of(each.pair.caption) == each.pair.image, each.match);
      EXPECT_NE(each.pair.image, 5u) << "cannot be read";
      if (each.match) continue;
      EXPECT_TRUE(each.pair.caption == right.caption || each.pair.image == right.image);
      other_image += each.pair.caption == right.caption;
      ++all;
    }
  }
  EXPECT_NEAR(static_cast<double>(other_image) / static_cast<double>(all), 0.5, 0.05);
}

TEST_F(SamplingTest, NegativesOfTheBatchAreTheNearOnes) {
  TrainingOptions options;
  options.negatives.in_batch = 1;
  const std::vector<Pair> pairs = {{0, 0}, {5, 1}, {10, 2}};
  // The first caption is near to the third picture, the second caption to the first picture.
  const at::Tensor alike = torch::tensor({{1.0F, -1.0F, 0.9F}, {0.9F, 1.0F, -1.0F}, {-1.0F, -1.0F, 1.0F}});
  for (std::uint64_t step = 0; step < 50; ++step) {
    const auto labelled = with_negatives(pairs, set_, {alike, nothing_mined_}, options, 0, step);
    const Pair& first = labelled[1].pair;
    EXPECT_TRUE(first == (Pair{0, 2}) || first == (Pair{5, 0})) << first.caption << " " << first.image;
  }
}

TEST_F(SamplingTest, HardNegativesComeWithTheRamp) {
  TrainingOptions options;
  options.negatives.mined = 1;
  options.negatives.ramp = 100;
  MinedNegatives mined{std::vector<std::vector<MinedNegative>>(50, {{9, 0.5F}}),
                       std::vector<std::vector<MinedNegative>>(10, {{49, 0.5F}})};
  const auto share = [&](std::size_t round) {
    double found = 0;
    for (std::uint64_t step = 0; step < 400; ++step) {
      const auto labelled =
          with_negatives(std::vector<Pair>{{0, 0}}, set_, {at::Tensor(), mined}, options, round, step);
      found += labelled[1].pair.image == 9 || labelled[1].pair.caption == 49;
    }
    return found / 400;
  };
  EXPECT_LT(share(0), 0.2) << "random ones alone";
  EXPECT_NEAR(share(50), 0.55, 0.1);
  EXPECT_EQ(share(100), 1);
}

TEST_F(SamplingTest, MinedBlocksAreWrongOnBothSides) {
  const MinedNegatives mined{std::vector<std::vector<MinedNegative>>(50, {{8, 0.5F}, {9, 0.4F}}),
                             std::vector<std::vector<MinedNegative>>(10, {{40, 0.5F}, {45, 0.4F}})};
  std::vector<Pair> pairs = {{0, 0}, {5, 1}};
  add_mined(pairs, 3, mined, random_for(1, Draw::kMined, 0));
  ASSERT_EQ(pairs.size(), 8u);
  for (std::size_t i = 2; i < pairs.size(); ++i) {
    EXPECT_THAT((std::set<std::size_t>{8, 9}), Contains(pairs[i].image));
    EXPECT_THAT((std::set<std::size_t>{40, 45}), Contains(pairs[i].caption));
  }
}

}  // namespace
}  // namespace tandem::training
