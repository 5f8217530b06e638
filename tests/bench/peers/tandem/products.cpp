#include "products.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "measure.h"

namespace tandem::bench {
namespace {

constexpr std::int64_t kSide = 2048;

at::Tensor call_operator(const char* name, std::vector<c10::IValue> arguments) {
  c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(&arguments);
  return arguments.front().toTensor();
}

// By the operator that Tandem's linear maps take: at::_int_mm is slow where sums are of 16 bits.
std::function<void()> product_of_bytes() {
  const at::Tensor a = at::randint(0, 128, {kSide, kSide}, at::kByte);
  const at::Tensor b = at::randint(-127, 128, {kSide, kSide}, at::kChar);
  const at::Tensor packed = call_operator("onednn::qlinear_prepack", {b, c10::IValue()});
  const at::Tensor scales = at::ones({kSide}), zeros = at::zeros({kSide}, at::kInt);
  return [=] {
    call_operator("onednn::qlinear_pointwise",
                  {a, 1.0, std::int64_t{0}, packed, scales, zeros, c10::IValue(), 1.0, std::int64_t{0},
                   at::kFloat, "none", c10::List<std::optional<at::Scalar>>(), ""});
  };
}

}  // namespace

double product_gops(double seconds) {
  return 2.0 * kSide * kSide * kSide / seconds / 1e9;  // a multiplication and an addition
}

std::function<void()> large_product(Precision precision) {
  if (precision == Precision::kInt8) return product_of_bytes();
  const at::ScalarType type = precision == Precision::kBf16 ? at::kBFloat16 : at::kFloat;
  const at::Tensor a = at::randn({kSide, kSide}).to(type);
  const at::Tensor b = at::randn({kSide, kSide}).to(type);
  return [a, b] { at::mm(a, b); };
}

nlohmann::json time_stage(const std::function<void()>& run, std::size_t repeats, Precision precision,
                          bool beside_products) {
  if (!beside_products) return {{"seconds", time_runs(run, repeats)}};
  std::map<Precision, std::function<void()>> products;
  std::map<std::string, std::vector<double>> limits;
  for (const Precision each : {Precision::kFp32, precision}) {
    products[each] = large_product(each);
    products[each]();  // what is set up once
  }
  std::vector<double> seconds;
  for (std::size_t i = 0; i < repeats; ++i) {
    seconds.push_back(time_runs(run, 1).front());
    for (const auto& [each, product] : products) {
      std::ranges::transform(time_runs(product, 3), std::back_inserter(limits[to_string(each)]),
                             product_gops);
    }
  }
  return {{"seconds", seconds}, {"limits", limits}};
}

}  // namespace tandem::bench
