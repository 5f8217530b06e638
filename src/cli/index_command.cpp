#include <algorithm>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "tandem/error.h"
#include "tandem/gallery.h"
#include "tandem/indexing.h"

namespace tandem::cli {
namespace {

constexpr std::size_t kShownSkips = 5;

struct IndexArguments {
  std::string gallery;
  std::vector<std::string> paths;
  ModelChoice model;
  std::string tokens;  // empty: as the model can
  std::string index;   // empty: exact
  std::string captions;
  bool strict = false;
};

// A gallery keeps what it was created with: asking it for something else must not go unheard.
void require_same(const GalleryInfo& gallery, const std::string& option, const std::string& asked,
                  const std::string& kept) {
  if (asked.empty() || asked == kept) return;
  throw Error(ErrorCode::kInvalidArgument, gallery.path.string() + ": was created with " + option + " " +
                                               kept + ", " + asked + " is asked for; leave " + option +
                                               " out, or index into a new gallery");
}

std::unique_ptr<GalleryWriter> open_writer(const IndexArguments& arguments, const ModelInfo& model) {
  GalleryOptions options;
  options.tokens = !arguments.tokens.empty()  ? parse_token_storage(arguments.tokens)
                   : model.capabilities.match ? TokenStorage::kFp16
                                              : TokenStorage::kNone;
  if (options.tokens != TokenStorage::kNone && !model.capabilities.match) {
    throw Error(ErrorCode::kUnsupported, "--tokens " + arguments.tokens + ": " + model.family +
                                             " models have no image tokens to store; leave --tokens out");
  }
  if (!arguments.index.empty()) options.index_spec = arguments.index;
  auto writer = GalleryWriter::open(arguments.gallery, model, options);
  require_same(writer->info(), "--tokens", arguments.tokens, to_string(writer->info().tokens));
  require_same(writer->info(), "--index", arguments.index, writer->info().index_spec);
  return writer;
}

void print_summary(const IndexReport& report, const GalleryInfo& gallery,
                   const std::vector<SkippedRecord>& skips, const CommonOptions& common) {
  if (common.json) {
    print_json({{"gallery", gallery.path.string()},
                {"images", gallery.images},
                {"added", report.added},
                {"updated", report.updated},
                {"unchanged", report.unchanged},
                {"skipped", report.skipped},
                {"captions", report.captions},
                {"seconds", static_cast<float>(report.seconds)}});
    return;
  }
  if (common.quiet) return;
  const std::size_t all = report.added + report.updated + report.unchanged + report.skipped;
  print_line(count_of(all, "picture") + ": " + std::to_string(report.added) + " added, " +
             std::to_string(report.updated) + " updated, " + std::to_string(report.unchanged) +
             " unchanged, " + std::to_string(report.skipped) + " skipped");
  if (report.captions > 0) print_line(count_of(report.captions, "caption") + " added");
  for (const SkippedRecord& skip : skips) {
    print_line("  skipped " + one_line(skip.path.string()) + ": " + one_line(skip.reason));
  }
  if (report.skipped > skips.size()) {
    print_line("  and " + std::to_string(report.skipped - skips.size()) + " more: tandem info " +
               one_line(gallery.path.string()) + " --skipped");
  }
  print_line(one_line(gallery.path.string()) + " holds " + count_of(gallery.images, "picture"));
}

int run_index(const IndexArguments& arguments, const Context& context) {
  const std::vector<std::filesystem::path> paths(arguments.paths.begin(), arguments.paths.end());
  const std::vector<std::filesystem::path> pictures = find_pictures(paths);
  const auto model = arguments.model.load();
  const auto writer = open_writer(arguments, model->info());

  ProgressDisplay display(progress_style(context.common.quiet));
  std::vector<SkippedRecord> first_skips;
  IndexOptions options;
  options.decode_threads = context.common.threads;
  options.captions_file = arguments.captions;
  options.stop = context.stop;
  options.on_progress = [&](const IndexProgress& progress) { display.show(progress); };
  options.on_skipped = [&](const SkippedRecord& record) {
    if (first_skips.size() < kShownSkips) first_skips.push_back(record);
  };
  const IndexReport report = index_pictures(*writer, model, pictures, options);
  display.clear();
  print_summary(report, writer->info(), first_skips, context.common);
  if (arguments.strict && report.skipped > 0) {
    throw Error(ErrorCode::kBadFormat, count_of(report.skipped, "picture") +
                                           " could not be read; see tandem info " + arguments.gallery +
                                           " --skipped");
  }
  return 0;
}

}  // namespace

Command add_index_command(CLI::App& app) {
  auto arguments = std::make_shared<IndexArguments>();
  CLI::App* command = app.add_subcommand("index", "Bring pictures into a gallery");
  command->add_option("GALLERY", arguments->gallery, "Folder of the gallery; created where it is missing")
      ->required();
  command->add_option("PATH", arguments->paths, "Pictures, and folders to search for .jpg .jpeg .png .webp")
      ->required();
  arguments->model.add_to(*command, /*matches=*/false);
  command->add_option("--tokens", arguments->tokens, "How to store image tokens, which reranking reads")
      ->type_name("KIND")
      ->check(CLI::IsMember({"fp16", "int8", "none"}));
  command->add_option("--captions", arguments->captions, "Captions of the pictures, as JSON lines")
      ->type_name("FILE");
  command->add_option("--index", arguments->index, "\"exact\" (default) or a FAISS factory string")
      ->type_name("SPEC");
  command->add_flag("--strict", arguments->strict, "End with status 4 if a picture could not be read");
  command->footer(
      "Only new and changed pictures are computed, so that a run that was stopped goes on where it was.\n"
      "\n"
      "Examples:\n"
      "  tandem index holiday.gallery ~/Pictures/holiday\n"
      "  tandem index big.gallery ~/Pictures --tokens int8 --index IVF256,Flat\n"
      "  tandem index news.gallery photos --captions photos/captions.jsonl --strict");
  return {command, [arguments](const Context& context) { return run_index(*arguments, context); }};
}

}  // namespace tandem::cli
