#include "nn/activation.h"

#include <array>
#include <cmath>
#include <utility>

#include "core/fail.h"
#include "core/vectorised.h"
#include "nn/vector_exp.h"

namespace tandem::nn {
namespace {

constexpr std::array<std::pair<const char*, Activation>, 11> kNames = {{
    {"gelu", Activation::kGelu},
    {"gelu_python", Activation::kGelu},
    {"gelu_new", Activation::kGeluTanh},
    {"gelu_fast", Activation::kGeluTanh},
    {"gelu_accurate", Activation::kGeluTanh},
    {"gelu_pytorch_tanh", Activation::kGeluTanh},
    {"gelu_python_tanh", Activation::kGeluTanh},
    {"quick_gelu", Activation::kQuickGelu},
    {"relu", Activation::kRelu},
    {"silu", Activation::kSilu},
    {"swish", Activation::kSilu},
}};

float sigmoid(float x) { return 1 / (1 + vector_exp(-x)); }

// Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
float error_function(float x) {
  const float size = std::abs(x), t = 1 / (1 + 0.3275911F * size);
  float sum = 0;
  for (const float term : {1.061405429F, -1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F}) {
    sum = (sum + term) * t;
  }
  return std::copysign(1 - sum * vector_exp(-size * size), x);
}

TANDEM_VECTORISED void gelu(float* row, std::int64_t width) {
  constexpr float kRootHalf = 0.707106781F;
  for (std::int64_t i = 0; i < width; ++i) row[i] *= 0.5F * (1 + error_function(kRootHalf * row[i]));
}

// (1 + tanh(x)) / 2 is the sigmoid of 2x.
TANDEM_VECTORISED void gelu_tanh(float* row, std::int64_t width) {
  constexpr float kTwiceRoot = 1.595769122F;  // 2 √(2/π)
  for (std::int64_t i = 0; i < width; ++i) {
    row[i] *= sigmoid(kTwiceRoot * (row[i] + 0.044715F * row[i] * row[i] * row[i]));
  }
}

TANDEM_VECTORISED void silu(float* row, float factor, std::int64_t width) {
  for (std::int64_t i = 0; i < width; ++i) row[i] *= sigmoid(factor * row[i]);
}

TANDEM_VECTORISED void relu(float* row, std::int64_t width) {
  for (std::int64_t i = 0; i < width; ++i) row[i] = row[i] < 0 ? 0 : row[i];
}

constexpr float kQuickFactor = 1.702F;

}  // namespace

Activation parse_activation(const std::string& name, const std::string& where) {
  std::string known;
  for (const auto& [candidate, activation] : kNames) {
    if (name == candidate) return activation;
    known += (known.empty() ? "" : ", ") + std::string(candidate);
  }
  fail(ErrorCode::kUnsupported, "{}: activation \"{}\" is unknown; known are {}", where, name, known);
}

at::Tensor activate(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case Activation::kQuickGelu:
      return x * at::sigmoid(kQuickFactor * x);
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kSilu:
      return at::silu(x);
  }
  return x;
}

void activate_row(Activation activation, float* row, std::int64_t width) {
  switch (activation) {
    case Activation::kGelu:
      return gelu(row, width);
    case Activation::kGeluTanh:
      return gelu_tanh(row, width);
    case Activation::kQuickGelu:
      return silu(row, kQuickFactor, width);
    case Activation::kRelu:
      return relu(row, width);
    case Activation::kSilu:
      return silu(row, 1, width);
  }
}

}  // namespace tandem::nn
