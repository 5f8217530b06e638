#include "cli/command.h"
#include "cli/output.h"
#include "tandem/error.h"
#include "tandem/gallery_writer.h"

namespace tandem::cli {
namespace {

struct RemoveArguments {
  std::string gallery;
  std::vector<std::string> paths;
};

int run_remove(const RemoveArguments& arguments, const Context& context) {
  const auto writer = GalleryWriter::open_existing(arguments.gallery);
  std::size_t removed = 0;
  for (const std::string& path : arguments.paths) {
    const std::size_t below = writer->remove(absolute_path(path));
    if (below == 0 && !context.common.quiet) print_note(path + ": no such picture in the gallery");
    removed += below;
  }
  if (removed == 0) {
    throw Error(ErrorCode::kNotFound,
                arguments.gallery + ": has none of the given paths; give them as the search prints them");
  }
  writer->commit();
  if (context.common.json) {
    print_json(
        {{"gallery", writer->info().path.string()}, {"removed", removed}, {"images", writer->info().images}});
  } else if (!context.common.quiet) {
    print_line(count_of(removed, "picture") + " removed, " + std::to_string(writer->info().images) +
               " left; tandem compact " + one_line(arguments.gallery) + " gives their space back");
  }
  return 0;
}

}  // namespace

Command add_remove_command(CLI::App& app) {
  auto arguments = std::make_shared<RemoveArguments>();
  CLI::App* command = app.add_subcommand("remove", "Take pictures out of a gallery (their files stay)");
  command->add_option("GALLERY", arguments->gallery, "Folder of the gallery")->required();
  add_paths(*command, arguments->paths, "Pictures, or folders for all pictures below them");
  command->footer(
      "The space is used no more until tandem compact gives it back.\n"
      "\n"
      "Examples:\n"
      "  tandem remove holiday.gallery ~/Pictures/holiday/blurred.jpg\n"
      "  tandem remove holiday.gallery ~/Pictures/holiday/day1");
  return {command, [arguments](const Context& context) { return run_remove(*arguments, context); }};
}

}  // namespace tandem::cli
