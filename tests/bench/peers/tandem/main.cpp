// Tandem's side of the comparison with other programs (scripts/bench peers), by the public interface alone,
// and what the machine can do. Prints one line of JSON, with times in seconds.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "command.h"
#include "tandem/memory.h"

namespace tandem::bench {
namespace {

constexpr const char* kAsItShips = "shipped";

int run(int argc, char** argv) {
  CLI::App app("Times what Tandem does, for a comparison with other programs.", "tandem_bench");
  app.require_subcommand(1);
  std::size_t threads = 0;
  std::string precision = kAsItShips;
  ModelOptions options;
  app.add_option("--threads", threads, "Threads to compute with; 0: all cores");
  app.add_option("--precision", precision,
                 "fp32, bf16 or int8, of the whole model; shipped: none is asked for");
  const std::vector<Command> commands = {add_rerank(app, options), add_tower(app, options),
                                         add_query(app, options),  add_order(app, options),
                                         add_vectors(app),         add_limits(app)};
  CLI11_PARSE(app, argc, argv);
  set_num_threads(threads);
  keep_freed_memory();
  if (precision != kAsItShips) {
    options.precision = options.tower_precision = parse_precision(precision);
    options.match_precision = options.precision;
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) std::cout << command.run().dump() << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) {
  try {
    return tandem::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "tandem_bench: " << error.what() << '\n';
    return 1;
  }
}
