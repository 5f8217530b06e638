#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "tandem/error.h"
#include "tandem/gallery_writer.h"

namespace tandem::cli {
namespace {

int run_compact(const std::string& gallery, const Context& context) {
  const auto writer = GalleryWriter::open_existing(gallery);
  ProgressDisplay display(progress_style(context.common.quiet));
  CompactOptions options;
  options.stop = context.stop;
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) { display.show(done, total); };
  const CompactReport report = writer->compact(options);
  display.clear();
  if (context.stop.stop_requested()) {
    throw Error(ErrorCode::kCancelled,
                "stopped after " + count_of(report.segments, "segment") + "; run again to go on");
  }
  if (context.common.json) {
    print_json({{"gallery", writer->info().path.string()},
                {"segments", report.segments},
                {"bytes_before", report.bytes_before},
                {"bytes_after", report.bytes_after}});
  } else if (!context.common.quiet) {
    print_line(report.segments == 0
                   ? "nothing to do: " + bytes_of(report.bytes_after) + " without holes"
                   : bytes_of(report.bytes_before) + " before, " + bytes_of(report.bytes_after) + " now");
  }
  return 0;
}

}  // namespace

Command add_compact_command(CLI::App& app) {
  auto gallery = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("compact", "Give back the space of what was removed from a gallery");
  command->add_option("GALLERY", *gallery, "Folder of the gallery")->required();
  command->footer(
      "Searches that run meanwhile are not disturbed, and a crash loses nothing.\n"
      "\n"
      "Example:\n"
      "  tandem compact holiday.gallery");
  return {command, [gallery](const Context& context) { return run_compact(*gallery, context); }};
}

}  // namespace tandem::cli
