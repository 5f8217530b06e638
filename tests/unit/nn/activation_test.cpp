#include "nn/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

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

// Where the exponential is of use, and far outside.
TEST(Activation, ARowIsNearTheSame) {
  at::Tensor x = at::cat({at::linspace(-30, 30, 6007), torch::tensor({0.0F, -0.0F, -1e-20F, -1e9F, 1e9F})});
  for (const Activation activation : {Activation::kGelu, Activation::kGeluTanh, Activation::kQuickGelu,
                                      Activation::kRelu, Activation::kSilu}) {
    const at::Tensor expected = activate(activation, x);
    at::Tensor row = x.clone();
    activate_row(activation, row.data_ptr<float>(), row.numel());
    const at::Tensor error = (row - expected).abs() / expected.abs().clamp_min(1);
    EXPECT_LT(error.max().item<float>(), 1e-5F) << static_cast<int>(activation);
  }
}

TEST(Activation, OfNotANumberARowHasNone) {
  for (const Activation activation : {Activation::kGelu, Activation::kGeluTanh, Activation::kQuickGelu,
                                      Activation::kRelu, Activation::kSilu}) {
    float row[] = {1, std::numeric_limits<float>::quiet_NaN(), 2};
    activate_row(activation, row, 3);
    EXPECT_TRUE(std::isnan(row[1]) && !std::isnan(row[0]) && !std::isnan(row[2]));
  }
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
