#include "nn/activation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tandem/error.h"

namespace tandem::nn {
namespace {

float value(const char* name, float x) {
  return activate(parse_activation(name, "test"), torch::tensor({x})).item<float>();
}

TEST(Activation, ValuesAreThoseOfTheirFormulas) {
  const float x = 0.7f;
  EXPECT_NEAR(value("gelu", x), 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))), 1e-6);
  EXPECT_NEAR(value("quick_gelu", x), x / (1 + std::exp(-1.702 * x)), 1e-6);
  EXPECT_NEAR(value("gelu_new", x),
              0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))), 1e-6);
  EXPECT_NEAR(value("silu", x), x / (1 + std::exp(-x)), 1e-6);
  EXPECT_EQ(value("relu", -x), 0.0f);
}

TEST(Activation, AnUnknownNameSaysWhereItStandsAndWhatIsKnown) {
  try {
    parse_activation("mish", "config.json: hidden_act");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("config.json: hidden_act"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("quick_gelu"), std::string::npos);
  }
}

}  // namespace
}  // namespace tandem::nn
