#include <algorithm>

#include "cli/command.h"
#include "cli/index_report.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "tandem/error.h"
#include "tandem/gallery_writer.h"
#include "tandem/indexing.h"

namespace tandem::cli {
namespace {

struct IndexArguments {
  std::string gallery;
  std::vector<std::string> paths;
  ModelChoice model;
  std::string tokens;  // "int8", "int8:64"; empty: as the model can
  std::string index;   // empty: auto
  std::string captions;
  PictureFiles pictures;
  std::string photos;
  bool reduced_decoding = false;
  bool strict = false;
  bool prune = false;
  bool watch = false;
};

// Tells of what cannot be before a model is loaded.
CLI::Validator token_budget() {
  const auto complaint = [](std::string& text) {
    try {
      parse_token_budget(text);
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  return CLI::Validator(complaint, "");
}

// A gallery keeps what it was created with: asking it for something else must not go unheard.
void require_same(const GalleryInfo& gallery, const std::string& option, const std::string& asked,
                  const std::string& kept) {
  if (asked.empty() || asked == kept) return;
  throw Error(ErrorCode::kInvalidArgument, gallery.path.string() + ": was created with " + option + " " +
                                               kept + ", " + asked + " is asked for; leave " + option +
                                               " out, or index into a new gallery");
}

std::unique_ptr<GalleryWriter> open_writer(const IndexArguments& arguments, const ModelPair& models) {
  const ModelInfo& matching = models.matching()->info();
  GalleryOptions options;
  if (!arguments.tokens.empty()) {
    const TokenBudget asked = parse_token_budget(arguments.tokens);
    options.tokens = asked.storage;
    options.max_tokens = asked.max_tokens;
  } else if (!matching.capabilities.match) {
    options.tokens = TokenStorage::kNone;
  }
  if (options.tokens != TokenStorage::kNone && !matching.capabilities.match) {
    throw Error(ErrorCode::kUnsupported,
                "--tokens " + arguments.tokens + ": " + matching.family +
                    " models have no image tokens to store; leave --tokens out, or add a model that reranks "
                    "(--reranker DIR)");
  }
  if (!arguments.index.empty()) options.index_spec = arguments.index;
  auto writer = GalleryWriter::open(arguments.gallery, models, options);
  const GalleryInfo& kept = writer->info();
  require_same(kept, "--tokens", arguments.tokens, to_string(TokenBudget{kept.tokens, kept.max_tokens}));
  require_same(kept, "--index", arguments.index, kept.index_spec);
  return writer;
}

IndexOptions index_options(const IndexArguments& arguments, const Context& context,
                           ProgressDisplay& display) {
  IndexOptions options;
  options.decode_threads = context.common.threads;
  options.captions_file = arguments.captions;
  options.tags_file = arguments.pictures.tags_file();
  options.photos = arguments.photos;
  options.prune = arguments.prune;
  options.reduced_decoding = arguments.reduced_decoding;
  options.stop = context.stop;
  options.on_progress = [&](const IndexProgress& progress) { display.show(progress); };
  return options;
}

int index_once(const IndexArguments& arguments, const PictureScan& scan, const Context& context) {
  const ModelPair models = arguments.model.load_for_folder(arguments.gallery);
  auto writer = open_writer(arguments, models);
  ProgressDisplay display(progress_style(context.common.quiet));
  std::vector<SkippedRecord> first_skips;
  IndexOptions options = index_options(arguments, context, display);
  options.on_skipped = [&](const SkippedRecord& record) {
    if (first_skips.size() < kShownSkips) first_skips.push_back(record);
  };
  const IndexReport report = index_scan(*writer, models, scan, options);
  display.clear();
  print_summary(report, writer->info(), first_skips, context.common);
  writer.reset();  // waits for an index that is being built
  print_index(*Gallery::peek(arguments.gallery), context.common);
  if (arguments.strict && report.skipped > 0) {
    throw Error(ErrorCode::kBadFormat, count_of(report.skipped, "picture") +
                                           " could not be read; see tandem info " + arguments.gallery +
                                           " --skipped");
  }
  return 0;
}

// Ends by an Error alone: a stop is one.
[[noreturn]] void watch(const IndexArguments& arguments, std::span<const std::filesystem::path> paths,
                        const Context& context) {
  const ModelPair models = arguments.model.load_for_folder(arguments.gallery);
  ProgressDisplay display(progress_style(context.common.quiet));
  std::optional<IndexReport> last;
  WatchOptions options;
  options.index = index_options(arguments, context, display);
  options.on_round = [&](const IndexReport& report, const GalleryInfo& gallery) {
    display.clear();
    if (!last || has_changes(report, *last)) print_round(report, gallery, context.common);
    last = report;
  };
  options.on_trouble = [&](const Error& error) {
    display.clear();
    if (!context.common.quiet) print_note(std::string(error.what()) + "; trying again");
  };
  watch_paths([&] { return open_writer(arguments, models); }, models, paths, options);
}

int run_index(const IndexArguments& arguments, const Context& context) {
  const std::vector<std::filesystem::path> paths(arguments.paths.begin(), arguments.paths.end());
  if (arguments.watch) watch(arguments, paths, context);
  // Before a model is loaded and a gallery made for nothing.
  return index_once(arguments, scan_paths(paths), context);
}

}  // namespace

Command add_index_command(CLI::App& app) {
  auto arguments = std::make_shared<IndexArguments>();
  CLI::App* command = app.add_subcommand("index", "Bring pictures into a gallery");
  command->add_option("GALLERY", arguments->gallery, "Folder of the gallery; created where it is missing")
      ->required();
  add_paths(*command, arguments->paths, "Pictures, and folders to search for .jpg .jpeg .png .webp");
  arguments->model.add_to(*command, /*matches=*/false);
  command->get_option("--model")->description(
      "Folder of the model (default: that of the gallery, or for a new one the one that ships with tandem)");
  arguments->model.add_reranker_to(*command,
                                   "Folder of a second model, which reranks what the first one finds");
  arguments->model.add_detector_to(*command);
  command
      ->add_option("--tokens", arguments->tokens,
                   "How to store image tokens, which reranking reads: fp16, int8 or none; fp16:N and int8:N "
                   "store at most N of a picture and merge what is more, which costs some accuracy")
      ->type_name("KIND[:N]")
      ->check(token_budget());
  command->add_option("--captions", arguments->captions, "Captions of the pictures, as JSON lines")
      ->type_name("FILE");
  arguments->pictures.add_to(*command);
  command
      ->add_option("--photos", arguments->photos,
                   "Folder with the photos of which there are region files, to be shown in results")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--index", arguments->index, "\"auto\" (default), \"exact\" or a FAISS factory string")
      ->type_name("SPEC");
  command->add_flag("--reduced-decoding", arguments->reduced_decoding,
                    "Decode large JPEG files no further than the model needs: faster, a little less exact");
  command->add_flag("--prune", arguments->prune, "Remove pictures from the gallery whose files are gone");
  auto* strict =
      command->add_flag("--strict", arguments->strict, "End with status 4 if a picture could not be read");
  command->add_flag("--watch", arguments->watch, "Keep the gallery in step with the folders until Ctrl-C")
      ->excludes(strict);
  command->footer(
      "Only new and changed pictures are computed, so that a run that was stopped goes on where it was.\n"
      "A file that was moved keeps its picture and captions; a second copy of a file is not computed again.\n"
      "\n"
      "Examples:\n"
      "  tandem index holiday.gallery ~/Pictures/holiday\n"
      "  tandem index big.gallery ~/Pictures --tokens int8 --index exact\n"
      "  tandem index small.gallery ~/Pictures --tokens int8:64\n"
      "  tandem index two.gallery ~/Pictures --model clip-vit-base-patch32 --reranker blip-itm-base-coco\n"
      "  tandem index news.gallery photos --captions photos/captions.jsonl --strict\n"
      "  tandem index holiday.gallery ~/Pictures/holiday --prune --watch");
  return {command, [arguments](const Context& context) { return run_index(*arguments, context); }};
}

}  // namespace tandem::cli
