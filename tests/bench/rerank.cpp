// The cross-encoder: one query against a shortlist, from stored image tokens and from pixels.
#include <benchmark/benchmark.h>

#include "inputs.h"
#include "tandem/encoders.h"

namespace tandem::bench {
namespace {

void rerank_stored_tokens(benchmark::State& state) {
  const CrossEncoder encoder(default_model());
  const auto tokens = encoder.image_tokens(photos(static_cast<std::size_t>(state.range(0))));
  const std::vector<MatrixView> views(tokens.begin(), tokens.end());
  const Text query = queries(1).front();
  for (auto _ : state) benchmark::DoNotOptimize(encoder.score(query, views));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(rerank_stored_tokens)->Arg(10)->Arg(50)->Unit(benchmark::kMillisecond)->UseRealTime();

void rerank_pixels(benchmark::State& state) {
  const CrossEncoder encoder(default_model());
  const auto images = photos(static_cast<std::size_t>(state.range(0)));
  const Text query = queries(1).front();
  for (auto _ : state) benchmark::DoNotOptimize(encoder.score(query, images));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(rerank_pixels)->Arg(10)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace tandem::bench
