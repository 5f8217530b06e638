#include "tandem/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "core/fail.h"

namespace tandem {
namespace {

void require_pairs(const MatchedPairs& pairs) {
  const bool with_similarities = !pairs.similarities.empty();
  if (pairs.logits.size() != pairs.matches.size() ||
      (with_similarities && pairs.similarities.size() != pairs.logits.size())) {
    fail(ErrorCode::kInvalidArgument,
         "calibration: {} logits, {} matches and {} similarities; one for each is wanted",
         pairs.logits.size(), pairs.matches.size(), pairs.similarities.size());
  }
  const auto others = std::ranges::count(pairs.matches, std::uint8_t{0});
  const auto matches = static_cast<std::ptrdiff_t>(pairs.matches.size()) - others;
  if (matches == 0 || others == 0) {
    fail(ErrorCode::kInvalidArgument,
         "calibration: {} pairs match and {} do not; some of both are wanted, take more pictures", matches,
         others);
  }
  if (!std::ranges::all_of(pairs.similarities, [](float one) { return std::isfinite(one); })) {
    fail(ErrorCode::kInvalidArgument, "calibration: a similarity is not finite; finite ones are wanted");
  }
  const auto bad = std::ranges::find_if(pairs.logits, [](float logit) { return !std::isfinite(logit); });
  if (bad == pairs.logits.end()) return;
  fail(ErrorCode::kInvalidArgument, "calibration: logit {} of {} is {}; finite ones are wanted",
       bad - pairs.logits.begin() + 1, pairs.logits.size(), *bad);
}

[[noreturn]] void refuse_order(const MatchedPairs& pairs) {
  fail(ErrorCode::kInvalidArgument,
       "calibration: the logits of {} pairs are not higher where they match; there is nothing to calibrate, "
       "take another model or other data",
       pairs.logits.size());
}

// The most likely scale with a bias is above 0 just where the mean logit of matches is above that of others.
void require_order(const MatchedPairs& pairs) {
  double sums[2] = {};
  double counts[2] = {};
  for (std::size_t i = 0; i < pairs.logits.size(); ++i) {
    const std::size_t is_match = pairs.matches[i] != 0 ? 1 : 0;
    // Logits that are all the same make no difference by rounding.
    sums[is_match] += static_cast<double>(pairs.logits[i]) - pairs.logits.front();
    ++counts[is_match];
  }
  if (!(sums[1] / counts[1] > sums[0] / counts[0])) refuse_order(pairs);
}

double mean_of(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of the logit, of the cosine, and of 1, each from its center.
constexpr std::size_t kFeatures = 3;
using Weights = std::array<double, kFeatures>;
enum Feature : std::size_t { kLogit, kSimilarity, kBias };

// The negative log-likelihood of the pairs, and where it falls.
class Likelihood {
 public:
  // `fitted`: the weights that are; others stay 0. `centers`: values count from there, so that many that are
  // alike do not drown what tells them apart.
  Likelihood(const MatchedPairs& pairs, std::vector<Feature> fitted, const Weights& centers)
      : pairs_(pairs), fitted_(std::move(fitted)), centers_(centers) {
    const auto others = static_cast<double>(std::ranges::count(pairs.matches, std::uint8_t{0}));
    const double matches = static_cast<double>(pairs.matches.size()) - others;
    target_of_match_ = (matches + 1) / (matches + 2);
    target_of_other_ = 1 / (others + 2);
    if (fits(kBias)) start_[kBias] = std::log((matches + 1) / (others + 1));
  }

  // Flat, where no probability is so near 0 or 1 that the loss has no curve.
  const Weights& start() const { return start_; }

  double loss(const Weights& weights) const {
    double loss = 0;
    for (std::size_t i = 0; i < pairs_.logits.size(); ++i) {
      const double log_odds = log_odds_of(features(i), weights);
      // log(1 + exp(x)) without overflow
      loss += std::max(log_odds, 0.0) + std::log1p(std::exp(-std::abs(log_odds))) - target(i) * log_odds;
    }
    return loss;
  }

  struct Step {
    Weights direction = {};  // Newton's
    double slope = 0;        // of the loss along it, below 0
  };
  Step step(const Weights& weights) const {
    Weights slopes = {};
    std::array<Weights, kFeatures> curves = {};
    for (std::size_t i = 0; i < pairs_.logits.size(); ++i) {
      const Weights values = features(i);
      const double probability = 1 / (1 + std::exp(-log_odds_of(values, weights)));
      const double error = probability - target(i);
      const double curvature = probability * (1 - probability);
      for (const Feature row : fitted_) {
        slopes[row] += error * values[row];
        for (const Feature column : fitted_) curves[row][column] += curvature * values[row] * values[column];
      }
    }
    Step step{.direction = solve(curves, slopes)};
    for (double& one : step.direction) one = -one;
    for (const Feature one : fitted_) step.slope += slopes[one] * step.direction[one];
    return step;
  }

 private:
  bool fits(Feature one) const { return std::ranges::find(fitted_, one) != fitted_.end(); }
  double target(std::size_t i) const { return pairs_.matches[i] != 0 ? target_of_match_ : target_of_other_; }

  Weights features(std::size_t i) const {
    const double similarity = fits(kSimilarity) ? pairs_.similarities[i] : 0;
    return {pairs_.logits[i] - centers_[kLogit], similarity - centers_[kSimilarity], 1};
  }
  static double log_odds_of(const Weights& values, const Weights& weights) {
    return std::inner_product(values.begin(), values.end(), weights.begin(), 0.0);
  }

  // curves * x = slopes by Gauss, without pivots: curvatures are positive definite.
  Weights solve(std::array<Weights, kFeatures> curves, Weights slopes) const {
    for (std::size_t i = 0; i < fitted_.size(); ++i) {
      for (std::size_t j = i + 1; j < fitted_.size(); ++j) {
        const double factor = curves[fitted_[j]][fitted_[i]] / curves[fitted_[i]][fitted_[i]];
        for (const Feature column : fitted_) {
          curves[fitted_[j]][column] -= factor * curves[fitted_[i]][column];
        }
        slopes[fitted_[j]] -= factor * slopes[fitted_[i]];
      }
    }
    Weights x = {};
    for (std::size_t i = fitted_.size(); i-- > 0;) {
      const Feature row = fitted_[i];
      double rest = slopes[row];
      for (std::size_t j = i + 1; j < fitted_.size(); ++j) rest -= curves[row][fitted_[j]] * x[fitted_[j]];
      x[row] = rest / curves[row][row];
    }
    return x;
  }

  const MatchedPairs& pairs_;
  std::vector<Feature> fitted_;
  Weights centers_;
  Weights start_ = {};
  double target_of_match_ = 1;
  double target_of_other_ = 0;
};

// Newton's method, each step halved until the loss falls enough.
Weights most_likely(const Likelihood& likelihood) {
  constexpr int kSteps = 100;
  constexpr double kShortest = 1e-10;
  Weights weights = likelihood.start();
  double loss = likelihood.loss(weights);
  for (int i = 0; i < kSteps; ++i) {
    const auto [direction, slope] = likelihood.step(weights);
    double length = 1;
    for (; length >= kShortest; length /= 2) {
      Weights next = weights;
      for (std::size_t k = 0; k < kFeatures; ++k) next[k] += length * direction[k];
      const double next_loss = likelihood.loss(next);
      if (!(next_loss < loss + 1e-4 * length * slope)) continue;
      weights = next;
      loss = next_loss;
      break;
    }
    if (length < kShortest) break;  // as low as it is seen to get
  }
  return weights;
}

// Nothing where the two scores are not both of use.
std::optional<Calibration::Fused> fit_fused(const MatchedPairs& pairs) {
  const Weights centers = {mean_of(pairs.logits), mean_of(pairs.similarities), 0};
  const Weights weights = most_likely(Likelihood(pairs, {kLogit, kSimilarity, kBias}, centers));
  const double bias =
      weights[kBias] - weights[kLogit] * centers[kLogit] - weights[kSimilarity] * centers[kSimilarity];
  const Calibration::Fused fused{static_cast<float>(weights[kLogit]),
                                 static_cast<float>(weights[kSimilarity]), static_cast<float>(bias)};
  if (!(fused.logit > 0 && fused.similarity > 0)) return std::nullopt;
  return fused;
}

}  // namespace

Calibration fit_calibration(const MatchedPairs& pairs, CalibrationMethod method) {
  require_pairs(pairs);
  require_order(pairs);
  const bool with_bias = method == CalibrationMethod::kPlatt;
  const double center = with_bias ? mean_of(pairs.logits) : 0;
  const std::vector<Feature> fitted = with_bias ? std::vector{kLogit, kBias} : std::vector{kLogit};
  const Weights weights = most_likely(Likelihood(pairs, fitted, {center, 0, 0}));
  Calibration calibration{static_cast<float>(weights[kLogit]),
                          static_cast<float>(weights[kBias] - weights[kLogit] * center)};
  if (!(calibration.scale > 0)) {
    fail(ErrorCode::kInvalidArgument,
         "calibration: no temperature makes probabilities of these {} logits, which lie on one side of 0 "
         "though "
         "they differ where they match; they need a bias too",
         pairs.logits.size());
  }
  if (with_bias && !pairs.similarities.empty()) calibration.fused = fit_fused(pairs);
  return calibration;
}

}  // namespace tandem
