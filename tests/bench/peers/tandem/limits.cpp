// What this machine can do at most: matrix products and reading memory.
#include <ATen/ATen.h>
#include <torch/version.h>

#include <algorithm>

#include "command.h"
#include "measure.h"
#include "products.h"

namespace tandem::bench {
namespace {

constexpr std::int64_t kBytes = std::int64_t{1} << 30;  // more than any cache holds

// Of 20 runs: a limit is what the machine can do undisturbed.
double best_seconds(const std::function<void()>& run) { return std::ranges::min(time_runs(run, 20)); }

double best_gops(Precision precision) { return product_gops(best_seconds(large_product(precision))); }

double reading_gbs() {
  const at::Tensor values = at::ones({kBytes / 4});
  return kBytes / best_seconds([&] { values.sum(); }) / 1e9;
}

}  // namespace

Command add_limits(CLI::App& app) {
  return {app.add_subcommand("limits", "What the machine can do: products of 2048³, reading memory"), [] {
            const c10::InferenceMode no_gradients;
            return nlohmann::json{{"fp32_gflops", best_gops(Precision::kFp32)},
                                  {"bf16_gflops", best_gops(Precision::kBf16)},
                                  {"int8_gops", best_gops(Precision::kInt8)},
                                  {"reading_gbs", reading_gbs()},
                                  {"libtorch", TORCH_VERSION}};
          }};
}

}  // namespace tandem::bench
