// The commands of tandem_bench: what each measures becomes one JSON object.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "tandem/model.h"

namespace tandem::bench {

struct Command {
  CLI::App* app;
  std::function<nlohmann::json()> run;
};

// Models are loaded with `options` as they are when the command runs; they must outlive it.
Command add_rerank(CLI::App& app, const ModelOptions& options);  // one text against image tokens in memory
Command add_tower(CLI::App& app, const ModelOptions& options);   // the vision tower alone, by batch size
Command add_query(CLI::App& app, const ModelOptions& options);   // a text in a gallery, all being loaded
Command add_order(CLI::App& app, const ModelOptions& options);   // what a precision does to shortlists
Command add_vectors(CLI::App& app);                              // exact search among vectors
Command add_limits(CLI::App& app);                               // what the machine can do at most

}  // namespace tandem::bench
