// Calibrations and their errors agree with SciPy's and NumPy's (tests/golden/make/calibration.py).
#include "tandem/calibration.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace tandem {
namespace {

constexpr double kTolerance = 1e-6;

// As exact as a float is, or the tolerance.
void expect_near(double found, double wanted) {
  EXPECT_NEAR(found, wanted, kTolerance * std::max(1.0, std::abs(wanted)));
}

TEST(CalibrationGolden, AgreesWithTheReference) {
  std::ifstream file(TANDEM_TEST_DATA "/calibration/expected.json");
  const auto cases = nlohmann::json::parse(file);
  EXPECT_EQ(cases.size(), 6u);
  for (const auto& wanted : cases) {
    SCOPED_TRACE(wanted["name"].get<std::string>());
    const MatchedPairs pairs{wanted["logits"].get<std::vector<float>>(),
                             wanted["matches"].get<std::vector<std::uint8_t>>()};
    const Calibration platt = fit_calibration(pairs);
    expect_near(platt.scale, wanted["platt"][0]);
    expect_near(platt.bias, wanted["platt"][1]);
    const Calibration temperature = fit_calibration(pairs, CalibrationMethod::kTemperature);
    expect_near(temperature.scale, wanted["temperature"]);
    EXPECT_EQ(temperature.bias, 0);

    if (wanted.contains("fused")) {
      MatchedPairs both = pairs;
      both.similarities = wanted["similarities"].get<std::vector<float>>();
      const auto fused = fit_calibration(both).fused;
      ASSERT_TRUE(fused);
      expect_near(fused->logit, wanted["fused"][0]);
      expect_near(fused->similarity, wanted["fused"][1]);
      expect_near(fused->bias, wanted["fused"][2]);
    }

    const Reliability before = measure_reliability(pairs, {});
    expect_near(before.error, wanted["error_before"]);
    expect_near(measure_reliability(pairs, platt).error, wanted["error_after"]);
    const auto& bins = wanted["bins_before"];
    ASSERT_EQ(before.bins.size(), bins.size());
    for (std::size_t i = 0; i < bins.size(); ++i) EXPECT_EQ(before.bins[i].pairs, bins[i]) << "bin " << i;
  }
}

}  // namespace
}  // namespace tandem
