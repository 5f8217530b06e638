// Exact search: the ten best vectors for one query.
#include <memory>
#include <numeric>

#include "command.h"
#include "measure.h"
#include "tandem/index.h"

namespace tandem::bench {
namespace {

struct Arguments {
  std::string file;
  std::size_t dimension = 0;
  std::vector<std::size_t> sizes;
  std::size_t repeats = 50;
};

nlohmann::json run(const Arguments& arguments) {
  const std::vector<float> values = read_floats(arguments.file);
  const MatrixView all(values.data(), values.size() / arguments.dimension, arguments.dimension);
  const MatrixView query = all.rows(0, 1);
  nlohmann::json runs = nlohmann::json::array();
  nlohmann::json hits = nlohmann::json::array();
  for (const std::size_t size : arguments.sizes) {
    const auto index = make_index("exact", arguments.dimension);
    std::vector<std::int64_t> ids(size);
    std::iota(ids.begin(), ids.end(), 0);
    index->add(all.rows(1, size), ids);
    const auto best = index->search(query, 10);
    nlohmann::json& found = hits.emplace_back(nlohmann::json::array());
    for (const ScoredId& hit : best.front()) found.push_back(hit.id);
    runs.push_back(
        {{"size", size}, {"seconds", time_runs([&] { index->search(query, 10); }, arguments.repeats)}});
  }
  return {{"runs", std::move(runs)}, {"hits", std::move(hits)}};
}

}  // namespace

Command add_vectors(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("vectors", "Exact search among vectors");
  command->add_option("FILE", arguments->file, "Plain float32: the query, then what is searched")->required();
  command->add_option("--dimension", arguments->dimension)->required();
  command->add_option("--sizes", arguments->sizes, "How many to search among, each in turn")->required();
  command->add_option("--repeats", arguments->repeats);
  return {command, [arguments] { return run(*arguments); }};
}

}  // namespace tandem::bench
