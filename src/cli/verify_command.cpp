#include "cli/command.h"
#include "cli/output.h"
#include "tandem/error.h"
#include "tandem/gallery.h"

namespace tandem::cli {
namespace {

struct VerifyArguments {
  std::string gallery;
  bool deep = false;
};

int run_verify(const VerifyArguments& arguments, const Context& context) {
  const VerifyReport report = verify_gallery(arguments.gallery, arguments.deep, context.stop);
  if (context.common.json) {
    print_json({{"gallery", arguments.gallery},
                {"ok", report.problems.empty()},
                {"images", report.images},
                {"bytes_checked", report.bytes_checked},
                {"problems", report.problems}});
  } else {
    for (const std::string& problem : report.problems) print_line(one_line(problem));
    if (!context.common.quiet) {
      print_line(count_of(report.images, "picture") + ", " + bytes_of(report.bytes_checked) + " checked: " +
                 (report.problems.empty() ? "all is well" : count_of(report.problems.size(), "problem")));
    }
  }
  return report.problems.empty() ? 0 : exit_status(ErrorCode::kBadFormat);
}

}  // namespace

Command add_verify_command(CLI::App& app) {
  auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* command = app.add_subcommand("verify", "Check the files of a gallery");
  command->add_option("GALLERY", arguments->gallery, "Folder of the gallery")->required();
  command->add_flag("--deep", arguments->deep, "Also recompute the checksum of every row");
  command->footer(
      "Prints each problem on a line, and ends with status 4 if there is one.\n"
      "\n"
      "Example:\n"
      "  tandem verify holiday.gallery --deep");
  return {command, [arguments](const Context& context) { return run_verify(*arguments, context); }};
}

}  // namespace tandem::cli
