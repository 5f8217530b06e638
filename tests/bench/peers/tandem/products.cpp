#include "products.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "measure.h"
#include "nn/packed_bytes.h"

namespace tandem::bench {
namespace {

constexpr std::int64_t kSide = 2048;

}  // namespace

double product_gops(double seconds) {
  return 2.0 * kSide * kSide * kSide / seconds / 1e9;  // a multiplication and an addition
}

std::function<void()> large_product(Precision precision) {
  if (precision == Precision::kInt8) {
    const nn::Int8Rows a(at::randn({kSide, kSide}), nn::byte_range());
    const nn::Int8Rows b(at::randn({kSide, kSide}), nn::kSignedBytes);
    return [a, packed = nn::PackedBytes(b.steps(), b.scales())] { packed.multiply(a); };
  }
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
