// The `tandem` command: arguments to options, the library's call, its result to text.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "tandem/error.h"
#include "tandem/logging.h"
#include "tandem/memory.h"
#include "tandem/version.h"

namespace tandem::cli {
namespace {

constexpr const char* kDescription = "Search pictures with sentences: retrieve fast, rerank smart.";
constexpr const char* kFooter =
    "Examples:\n"
    "  tandem index holiday.gallery ~/Pictures/holiday\n"
    "  tandem search holiday.gallery \"two dogs playing in the snow\"\n"
    "  tandem search holiday.gallery --image dog.jpg --html dogs.html\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 not found, 4 bad format, 5 version too new, 6 unsupported,\n"
    "7 system error, 8 gallery held by another writer, 130 cancelled.";

// Whoever starts the command may have closed these (`2>&-`). Then the next file that is opened, one of a
// gallery perhaps, would take the number, and what is printed would go into it. What stands in for them
// fails as they would.
void occupy_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    [[maybe_unused]] const int opened = ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

int report(const Error& error) {
  if (error.code() == ErrorCode::kCancelled) {
    print_note(error.what());
  } else {
    print_error(error.what());
  }
  return exit_status(error.code());
}

// "index, search, ... and match".
std::string names_of(const std::vector<const CLI::App*>& commands) {
  std::string names;
  for (const CLI::App* command : commands) {
    if (!names.empty()) names += command == commands.back() ? " and " : ", ";
    names += command->get_name();
  }
  return names;
}

// CLI11 throws for --help and --version too; those are no errors.
int report(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  const std::vector<std::string> unknown = app.remaining();
  if (app.get_subcommands().empty() && !unknown.empty() && !unknown.front().starts_with('-')) {
    print_error("\"" + unknown.front() + "\" is no command; there are " +
                names_of(app.get_subcommands([](const CLI::App*) { return true; })) + "; see tandem --help");
    return exit_status(ErrorCode::kInvalidArgument);
  }
  std::string command = "tandem";
  for (const CLI::App* chosen : app.get_subcommands()) command += " " + chosen->get_name();
  print_error(std::string(error.what()) + "; see " + command + " --help");
  return exit_status(ErrorCode::kInvalidArgument);
}

void apply(const CommonOptions& common) {
  set_log_level(common.quiet ? LogLevel::kOff : common.verbose ? LogLevel::kDebug : LogLevel::kWarning);
  if (common.threads > 0) set_num_threads(common.threads);
  keep_freed_memory();
}

int run(int argc, char** argv) {
  CLI::App app(kDescription, "tandem");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("tandem ") + version());
  app.require_subcommand(1);
  CommonOptions common;
  add_common_options(app, common);
  const std::vector<Command> commands = {
      add_index_command(app),    add_search_command(app),   add_remove_command(app),
      add_compact_command(app),  add_verify_command(app),   add_info_command(app),
      add_convert_command(app),  add_tokenize_command(app), add_embed_command(app),
      add_match_command(app),    add_evaluate_command(app), add_train_command(app),
      add_calibrate_command(app)};
  for (const Command& command : commands) {
    for (CLI::Option* option : command.app->get_options()) {
      if (option->get_positional()) option->type_name("");  // the name says enough
    }
    add_common_options(*command.app, common);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report(app, error);
  }
  const StopOnSignal stop;
  apply(common);
  for (const Command& command : commands) {
    if (command.app->parsed()) return command.run({common, stop.token()});
  }
  return 0;
}

int run_and_report(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const OutputClosed&) {
    return 0;
  } catch (const Error& error) {
    return report(error);
  } catch (const std::bad_alloc&) {
    return report(Error(ErrorCode::kBackend, "out of memory; close other programs or use a smaller model"));
  } catch (const std::exception& error) {
    return report(Error(ErrorCode::kBackend, error.what()));
  }
}

}  // namespace
}  // namespace tandem::cli

int main(int argc, char** argv) {
  tandem::cli::occupy_standard_streams();
  const int status = tandem::cli::run_and_report(argc, argv);
  std::fflush(nullptr);
  // Everything of ours is closed by now. The libraries' own destructors, at a return, take a quarter of the
  // time of a search.
  std::_Exit(status);
}
