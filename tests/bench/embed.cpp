// The bi-encoder: texts and pictures to embeddings, by batch size.
#include <benchmark/benchmark.h>

#include "inputs.h"
#include "tandem/encoders.h"

namespace tandem::bench {
namespace {

void embed_texts(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  const BiEncoder encoder(default_model(), {.batch_size = batch});
  const auto texts = queries(batch);
  for (auto _ : state) benchmark::DoNotOptimize(encoder.embed_texts(texts));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(embed_texts)->Arg(1)->Arg(16)->Unit(benchmark::kMillisecond)->UseRealTime();

void embed_images(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  const BiEncoder encoder(default_model(), {.batch_size = batch});
  const auto images = photos(batch);
  for (auto _ : state) benchmark::DoNotOptimize(encoder.embed_images(images));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(embed_images)->Arg(1)->Arg(16)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace tandem::bench
