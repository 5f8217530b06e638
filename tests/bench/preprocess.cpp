// Picture file to model input: decoding, then resampling and normalising.
#include <benchmark/benchmark.h>

#include "inputs.h"

namespace tandem::bench {
namespace {

void decode_photo(benchmark::State& state) {
  const std::filesystem::path path = std::filesystem::path(TANDEM_PHOTOS) / "astronaut.jpg";
  for (auto _ : state) benchmark::DoNotOptimize(load_image(path));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode_photo)->Unit(benchmark::kMillisecond);

void preprocess_photo(benchmark::State& state) {
  const auto images = photos(8);
  for (auto _ : state) {
    for (const Image& image : images) benchmark::DoNotOptimize(default_model()->preprocess(image));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(images.size()));
}
BENCHMARK(preprocess_photo)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tandem::bench
