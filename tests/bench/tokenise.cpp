// Text to token ids.
#include <benchmark/benchmark.h>

#include "inputs.h"

namespace tandem::bench {
namespace {

void tokenise_query(benchmark::State& state) {
  const auto tokenizer = load_tokenizer(default_model_folder());
  const auto texts = queries(100);
  for (auto _ : state) {
    for (const Text& text : texts) benchmark::DoNotOptimize(tokenizer->encode(text.text));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(texts.size()));
}
BENCHMARK(tokenise_query);

void tokenise_long_text(benchmark::State& state) {
  const auto tokenizer = load_tokenizer(default_model_folder());
  std::string text;
  for (const Text& query : queries(1000)) text += query.text + ". ";
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer->encode(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(tokenise_long_text)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tandem::bench
