#include "tandem/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "support/expect_error.h"
#include "tandem/encoders.h"

namespace tandem {
namespace {

// Logits whose pairs match as often as 1 / (1 + exp(-(scale * logit + bias))) says.
MatchedPairs pairs_of(const Calibration& truth, std::size_t count) {
  std::mt19937 random(3);
  MatchedPairs pairs;
  for (std::size_t i = 0; i < count; ++i) {
    const float logit = static_cast<float>(random() % 2000) / 100 - 10;
    pairs.logits.push_back(logit);
    pairs.matches.push_back(static_cast<float>(random() % 10000) < 1e4f * match_probability(logit, truth));
  }
  return pairs;
}

TEST(FitCalibration, FindsWhatThePairsWereMadeBy) {
  for (const Calibration truth : {Calibration{1, 0}, Calibration{0.3f, -2}, Calibration{2, 5}}) {
    const MatchedPairs pairs = pairs_of(truth, 20000);
    const Calibration found = fit_calibration(pairs);
    EXPECT_NEAR(found.scale, truth.scale, 0.1 * truth.scale);
    EXPECT_NEAR(found.bias, truth.bias, 0.3);
    EXPECT_LT(measure_reliability(pairs, found).error, 0.01);
  }
}

TEST(FitCalibration, OfLogitAndSimilarityFindsWhatEachIsWorth) {
  MatchedPairs pairs;
  const Calibration truth{1, 0, Calibration::Fused{0.5f, 12, -6}};
  std::mt19937 random(5);
  for (std::size_t i = 0; i < 20000; ++i) {
    const float logit = static_cast<float>(random() % 2000) / 100 - 10;
    const float similarity = static_cast<float>(random() % 1000) / 1000;
    pairs.logits.push_back(logit);
    pairs.similarities.push_back(similarity);
    const float probability = match_probability(logit, similarity, truth);
    pairs.matches.push_back(static_cast<float>(random() % 10000) < 1e4f * probability);
  }
  const Calibration found = fit_calibration(pairs);
  ASSERT_TRUE(found.fused);
  EXPECT_NEAR(found.fused->logit, 0.5, 0.05);
  EXPECT_NEAR(found.fused->similarity, 12, 0.6);
  EXPECT_NEAR(found.fused->bias, -6, 0.4);
  EXPECT_LT(measure_reliability(pairs, found).error, 0.01);
  EXPECT_FALSE(fit_calibration(pairs, CalibrationMethod::kTemperature).fused);
}

TEST(FitCalibration, LeavesOutASimilarityThatSaysNothing) {
  MatchedPairs pairs = pairs_of({0.3f, -2}, 500);
  pairs.similarities.assign(500, 0.25f);
  EXPECT_FALSE(fit_calibration(pairs).fused);
  for (std::size_t i = 0; i < 500; ++i) pairs.similarities[i] = pairs.matches[i] ? 0.1f : 0.9f;
  EXPECT_FALSE(fit_calibration(pairs).fused) << "the less alike, the likelier a match";
  pairs.similarities.pop_back();
  expect_error(ErrorCode::kInvalidArgument, {"500 logits", "499 similarities"},
               [&] { fit_calibration(pairs); });
  pairs.similarities.push_back(NAN);
  expect_error(ErrorCode::kInvalidArgument, {"similarity is not finite"}, [&] { fit_calibration(pairs); });
}

TEST(FitCalibration, KeepsTheOrderOfPairs) {
  const MatchedPairs pairs = pairs_of({0.3f, -2}, 500);
  for (const auto method : {CalibrationMethod::kPlatt, CalibrationMethod::kTemperature}) {
    EXPECT_GT(fit_calibration(pairs, method).scale, 0);
  }
}

TEST(FitCalibration, OfLogitsThatAreAllTheSameIsRefused) {
  EXPECT_NO_THROW(fit_calibration({{-1, 1}, {0, 1}}));
  expect_error(ErrorCode::kInvalidArgument, {"not higher where they match"}, [] {
    fit_calibration({{-1, 1}, {1, 0}});
  });
  for (const auto method : {CalibrationMethod::kPlatt, CalibrationMethod::kTemperature}) {
    expect_error(ErrorCode::kInvalidArgument, {"not higher where they match"}, [&] {
      fit_calibration({{0, 0, 0}, {1, 0, 1}}, method);
    });
  }
}

TEST(FitCalibration, DoesNotDependOnTheUnitOfLogits) {
  const MatchedPairs pairs = pairs_of({0.3f, -2}, 500);
  const auto times = [&](float unit, float shift) {
    MatchedPairs scaled = pairs;
    for (float& logit : scaled.logits) logit = unit * logit + shift;
    return scaled;
  };
  for (const auto method : {CalibrationMethod::kPlatt, CalibrationMethod::kTemperature}) {
    const Calibration wanted = fit_calibration(pairs, method);
    for (const float unit : {1e-12f, 1e-3f, 1e6f, 1e12f}) {
      const Calibration found = fit_calibration(times(unit, 0), method);
      EXPECT_NEAR(found.scale * unit, wanted.scale, 1e-5) << unit;
      EXPECT_NEAR(found.bias, wanted.bias, 1e-5) << unit;
    }
  }
  const Calibration shifted = fit_calibration(times(1, 1000));
  EXPECT_NEAR(shifted.scale, fit_calibration(pairs).scale, 1e-4);
  EXPECT_NEAR(shifted.bias + 1000 * shifted.scale, fit_calibration(pairs).bias, 1e-3);
}

TEST(FitCalibration, RefusesPairsThatTellNothing) {
  const auto refused = [](const char* word, const MatchedPairs& pairs) {
    expect_error(ErrorCode::kInvalidArgument, {word}, [&] { fit_calibration(pairs); });
  };
  refused("0 pairs match and 0 do not", {});
  refused("2 pairs match and 0 do not", {{1, 2}, {1, 1}});
  refused("0 pairs match and 1 do not", {{1}, {0}});
  refused("2 logits, 1 matches", {{1, 2}, {1}});
  refused("logit 2 of 3", {{1, NAN, 2}, {1, 0, 0}});
  refused("logit 3 of 3", {{1, 0, INFINITY}, {1, 0, 0}});
}

TEST(Reliability, CountsEachPairInItsBin) {
  const std::vector<float> probabilities = {0, 0.25f, 0.25f, 0.5f, 0.75f, 1};
  const std::vector<std::uint8_t> matches = {0, 1, 0, 1, 1, 1};
  const Reliability found = measure_reliability(probabilities, matches, 2);
  ASSERT_EQ(found.bins.size(), 2u);
  EXPECT_EQ(found.bins[0].pairs, 4u) << "a border belongs to the lower bin";
  EXPECT_DOUBLE_EQ(found.bins[0].confidence, 0.25);
  EXPECT_DOUBLE_EQ(found.bins[0].accuracy, 0.5);
  EXPECT_EQ(found.bins[1].pairs, 2u);
  EXPECT_DOUBLE_EQ(found.bins[1].confidence, 0.875);
  EXPECT_DOUBLE_EQ(found.bins[1].accuracy, 1);
  EXPECT_DOUBLE_EQ(found.error, (4 * 0.25 + 2 * 0.125) / 6);
}

TEST(Reliability, OfWhatIsAlwaysRightHasNoError) {
  const Reliability found =
      measure_reliability(std::vector<float>{0, 1, 1}, std::vector<std::uint8_t>{0, 1, 1}, 15);
  EXPECT_EQ(found.error, 0);
  EXPECT_EQ(found.bins[7].pairs, 0u);
  EXPECT_EQ(found.bins[7].accuracy, 0);
}

TEST(Reliability, RefusesWhatIsNoProbability) {
  const auto refused = [](const char* word, const std::vector<float>& probabilities,
                          const std::vector<std::uint8_t>& matches, std::size_t bins) {
    expect_error(ErrorCode::kInvalidArgument, {word},
                 [&] { measure_reliability(probabilities, matches, bins); });
  };
  refused("no bins", {0.5f}, {1}, 0);
  refused("0 probabilities", {}, {}, 15);
  refused("1 probabilities and 2 matches", {0.5f}, {1, 0}, 15);
  refused("probability 2 of 2", {0.5f, 1.5f}, {1, 0}, 15);
  refused("probability 1 of 2", {NAN, 1}, {1, 0}, 15);
}

}  // namespace
}  // namespace tandem
