// What this machine can do at most, by the LibTorch that Tandem computes with: matrix products of 2048³ and
// reading memory. Prints one line of JSON.
//
//   machine_limits THREADS
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

namespace {

constexpr std::int64_t kSide = 2048;
constexpr double kProduct = 2.0 * kSide * kSide * kSide;  // a multiplication and an addition
constexpr std::int64_t kBytes = std::int64_t{1} << 30;    // more than any cache holds

// The best of 20 runs: a limit is what the machine can do undisturbed.
double best_seconds(const std::function<at::Tensor()>& run) {
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

double product_gflops(at::ScalarType type) {
  const at::Tensor a = at::randn({kSide, kSide}).to(type);
  const at::Tensor b = at::randn({kSide, kSide}).to(type);
  return kProduct / best_seconds([&] { return at::mm(a, b); }) / 1e9;
}

double int8_product_gops() {
  const at::Tensor a = at::randint(-127, 128, {kSide, kSide}, at::kChar);
  const at::Tensor b = at::randint(-127, 128, {kSide, kSide}, at::kChar);
  return kProduct / best_seconds([&] { return at::_int_mm(a, b); }) / 1e9;
}

double reading_gbs() {
  const at::Tensor values = at::ones({kBytes / 4});
  return kBytes / best_seconds([&] { return values.sum(); }) / 1e9;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw std::invalid_argument("usage: machine_limits THREADS");
  at::set_num_threads(std::atoi(argv[1]));
  const c10::InferenceMode no_gradients;
  const nlohmann::json limits = {{"fp32_gflops", product_gflops(at::kFloat)},
                                 {"bf16_gflops", product_gflops(at::kBFloat16)},
                                 {"int8_gops", int8_product_gops()},
                                 {"reading_gbs", reading_gbs()},
                                 {"libtorch", TORCH_VERSION}};
  std::cout << limits.dump() << '\n';
} catch (const std::exception& error) {
  std::cerr << "machine_limits: " << error.what() << '\n';
  return 1;
}
