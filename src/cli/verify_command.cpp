#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "tandem/error.h"
#include "tandem/gallery.h"
#include "tandem/indexing.h"

namespace tandem::cli {
namespace {

struct VerifyArguments {
  std::string gallery;
  bool deep = false;
  bool repair = false;
  ModelChoice model;
  PictureFiles pictures;
};

// 0, or that of a bad format where there is a problem.
int status_of(const VerifyReport& report) {
  return report.problems.empty() ? 0 : exit_status(ErrorCode::kBadFormat);
}

void print_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) print_line(one_line(line));
}

void print_summary(const VerifyReport& report) {
  print_line(count_of(report.images, "picture") + ", " + bytes_of(report.bytes_checked) + " checked: " +
             (report.problems.empty() ? "all is well" : count_of(report.problems.size(), "problem")));
}

int run_verify(const VerifyArguments& arguments, const Context& context) {
  const VerifyReport report = verify_gallery(arguments.gallery, arguments.deep, context.stop);
  if (context.common.json) {
    print_json({{"gallery", arguments.gallery},
                {"ok", report.problems.empty()},
                {"images", report.images},
                {"bytes_checked", report.bytes_checked},
                {"problems", report.problems}});
    return status_of(report);
  }
  print_lines(report.problems);
  if (context.common.quiet) return status_of(report);
  print_summary(report);
  if (!report.problems.empty()) {
    print_note("tandem verify " + arguments.gallery + " --repair mends what can be mended");
  }
  return status_of(report);
}

void print_repair(const RepairReport& report, const VerifyArguments& arguments, const CommonOptions& common) {
  if (common.json) {
    print_json({{"gallery", arguments.gallery},
                {"ok", report.after.problems.empty()},
                {"images", report.after.images},
                {"bytes_checked", report.after.bytes_checked},
                {"found", report.found},
                {"repaired", report.done},
                {"recomputed_images", report.pictures},
                {"recomputed_captions", report.captions},
                {"problems", report.after.problems}});
    return;
  }
  if (!common.quiet) {
    for (const std::string& line : report.found) print_line("found: " + one_line(line));
    for (const std::string& line : report.done) print_line("repaired: " + one_line(line));
  }
  print_lines(report.after.problems);
  if (!common.quiet) print_summary(report.after);
}

int run_repair(const VerifyArguments& arguments, const Context& context) {
  ProgressDisplay display(progress_style(context.common.quiet));
  IndexOptions options;
  options.decode_threads = context.common.threads;
  options.tags_file = arguments.pictures.tags_file();
  options.stop = context.stop;
  options.on_progress = [&](const IndexProgress& progress) { display.show(progress); };
  const auto load_model = [&](const GalleryInfo& gallery) { return arguments.model.load_for(gallery, true); };
  const RepairReport report = repair_gallery(arguments.gallery, load_model, options);
  display.clear();
  print_repair(report, arguments, context.common);
  return status_of(report.after);
}

}  // namespace

Command add_verify_command(CLI::App& app) {
  auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* command = app.add_subcommand("verify", "Check the files of a gallery, and repair them");
  command->add_option("GALLERY", arguments->gallery, "Folder of the gallery")->required();
  command->add_flag("--deep", arguments->deep, "Also recompute the checksum of every row");
  auto* repair = command->add_flag("--repair", arguments->repair,
                                   "Mend what a deep look finds, and compute anew what is damaged");
  arguments->model.add_to(*command, /*matches=*/false);
  arguments->model.add_reranker_to(*command, "Another place of the one that reranks, of a gallery with two");
  arguments->model.add_detector_to(*command);
  command->get_option("--model")->needs(repair)->description(
      "Another place of the model that the gallery was indexed with");
  command->get_option("--reranker")->needs(repair);
  arguments->pictures.add_to(*command);
  command->get_option("--tags-file")->needs(repair);
  command->get_option("--regions")->needs(repair);
  command->footer(
      "Prints each problem on a line, and ends with status 4 if there is one; after --repair, if one is "
      "left.\n"
      "\n"
      "Examples:\n"
      "  tandem verify holiday.gallery --deep\n"
      "  tandem verify holiday.gallery --repair");
  return {command, [arguments](const Context& context) {
            return arguments->repair ? run_repair(*arguments, context) : run_verify(*arguments, context);
          }};
}

}  // namespace tandem::cli
