// For tests of what is compiled for processors with AVX2.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "nn/avx2.h"

namespace tandem::nn {

class Avx2Test : public ::testing::Test {
 protected:
  Avx2Test() { torch::manual_seed(5); }
  void SetUp() override {
    if (!has_avx2()) GTEST_SKIP() << "what is tested is compiled for processors with AVX2";
  }
  at::NoGradGuard no_grad_;
};

}  // namespace tandem::nn
