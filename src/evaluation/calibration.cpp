#include "tandem/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/fail.h"

namespace tandem {
namespace {

void require_pairs(const MatchedPairs& pairs) {
  if (pairs.logits.size() != pairs.matches.size()) {
    fail(ErrorCode::kInvalidArgument, "calibration: {} logits and {} matches; one for each is wanted",
         pairs.logits.size(), pairs.matches.size());
  }
  const auto others = std::ranges::count(pairs.matches, std::uint8_t{0});
  const auto matches = static_cast<std::ptrdiff_t>(pairs.matches.size()) - others;
  if (matches == 0 || others == 0) {
    fail(ErrorCode::kInvalidArgument,
         "calibration: {} pairs match and {} do not; some of both are wanted, take more pictures", matches,
         others);
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

struct Line {
  double scale = 0;
  double bias = 0;
};

// The negative log-likelihood of the pairs, and where it falls.
class Likelihood {
 public:
  // `with_bias`: false keeps the bias at 0. `center`: logits count from there, so that many that are alike do
  // not drown what tells them apart.
  Likelihood(const MatchedPairs& pairs, bool with_bias, double center)
      : pairs_(pairs), with_bias_(with_bias), center_(center) {
    const auto others = static_cast<double>(std::ranges::count(pairs.matches, std::uint8_t{0}));
    const double matches = static_cast<double>(pairs.matches.size()) - others;
    target_of_match_ = (matches + 1) / (matches + 2);
    target_of_other_ = 1 / (others + 2);
    if (with_bias) start_.bias = std::log((matches + 1) / (others + 1));
  }

  // Flat, where no probability is so near 0 or 1 that the loss has no curve.
  const Line& start() const { return start_; }

  double loss(const Line& line) const {
    double loss = 0;
    for (std::size_t i = 0; i < pairs_.logits.size(); ++i) {
      const double log_odds = line.scale * (pairs_.logits[i] - center_) + line.bias;
      // log(1 + exp(x)) without overflow
      loss += std::max(log_odds, 0.0) + std::log1p(std::exp(-std::abs(log_odds))) - target(i) * log_odds;
    }
    return loss;
  }

  struct Step {
    Line direction;    // Newton's
    double slope = 0;  // of the loss along it, below 0
  };
  Step step(const Line& line) const {
    double scale_slope = 0, bias_slope = 0;
    double scale_twice = 0, bias_twice = with_bias_ ? 0 : 1, both = 0;
    for (std::size_t i = 0; i < pairs_.logits.size(); ++i) {
      const double logit = pairs_.logits[i] - center_;
      const double probability = 1 / (1 + std::exp(-(line.scale * logit + line.bias)));
      const double error = probability - target(i);
      const double curvature = probability * (1 - probability);
      scale_slope += error * logit;
      scale_twice += curvature * logit * logit;
      if (!with_bias_) continue;
      bias_slope += error;
      bias_twice += curvature;
      both += curvature * logit;
    }
    const double determinant = scale_twice * bias_twice - both * both;
    const Line direction{-(bias_twice * scale_slope - both * bias_slope) / determinant,
                         -(scale_twice * bias_slope - both * scale_slope) / determinant};
    return {direction, scale_slope * direction.scale + bias_slope * direction.bias};
  }

 private:
  double target(std::size_t i) const { return pairs_.matches[i] != 0 ? target_of_match_ : target_of_other_; }

  const MatchedPairs& pairs_;
  bool with_bias_;
  double center_;
  Line start_;
  double target_of_match_ = 1;
  double target_of_other_ = 0;
};

// Newton's method, each step halved until the loss falls enough.
Line most_likely(const Likelihood& likelihood) {
  constexpr int kSteps = 100;
  constexpr double kShortest = 1e-10;
  Line line = likelihood.start();
  double loss = likelihood.loss(line);
  for (int i = 0; i < kSteps; ++i) {
    const auto [direction, slope] = likelihood.step(line);
    double length = 1;
    for (; length >= kShortest; length /= 2) {
      const Line next{line.scale + length * direction.scale, line.bias + length * direction.bias};
      const double next_loss = likelihood.loss(next);
      if (!(next_loss < loss + 1e-4 * length * slope)) continue;
      line = next;
      loss = next_loss;
      break;
    }
    if (length < kShortest) break;  // as low as it is seen to get
  }
  return line;
}

}  // namespace

Calibration fit_calibration(const MatchedPairs& pairs, CalibrationMethod method) {
  require_pairs(pairs);
  require_order(pairs);
  const bool with_bias = method == CalibrationMethod::kPlatt;
  const double center = with_bias ? mean_of(pairs.logits) : 0;
  const Line line = most_likely(Likelihood(pairs, with_bias, center));
  const Calibration calibration{static_cast<float>(line.scale),
                                static_cast<float>(line.bias - line.scale * center)};
  if (!(calibration.scale > 0)) refuse_order(pairs);  // by temperature it may still fall
  return calibration;
}

}  // namespace tandem
