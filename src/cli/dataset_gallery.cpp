#include "cli/dataset_gallery.h"

#include <optional>
#include <set>
#include <vector>

#include "cli/evaluate_report.h"
#include "cli/index_report.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "tandem/indexing.h"

namespace tandem::cli {

void DatasetChoice::add_layout_to(CLI::App& app) {
  app.add_option("--format", format, "Layout of the data (default: by the names of its files)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"jsonl", "karpathy", "multi30k", "table"}));
  app.add_option("--images", options.images, "Folder of the pictures (default: beside the data)")
      ->type_name("DIR");
  app.add_option("--region-files", options.regions, "Region file, or folder of such, in the place of photos")
      ->type_name("PATH");
}

void DatasetChoice::add_to(CLI::App& app, const std::string& split) {
  app.add_option("--data", data, "Pictures with captions: a folder, or a file of captions")
      ->type_name("PATH")
      ->required();
  add_layout_to(app);
  pictures.add_to(app);
  app.add_option("--split", options.split, "train, dev, test, all ... (default: " + split + ")")
      ->type_name("NAME");
  app.add_option("--limit", options.limit, "Take the first N pictures only")
      ->type_name("N")
      ->check(whole_number());
  app.add_option("--assume-language", options.language,
                 "Language of captions of which the data does not say it (default en)")
      ->type_name("CODE");
}

LoadedDataset DatasetChoice::load(const Context& context) const {
  DatasetOptions chosen = options;
  if (!format.empty()) chosen.format = parse_dataset_format(format);
  LoadedDataset loaded = load_dataset(data, chosen);
  if (context.common.quiet) return loaded;
  for (const std::string& finding : findings_of(loaded.report)) print_note(finding);
  return loaded;
}

std::shared_ptr<const Gallery> index_dataset(const std::filesystem::path& folder, const ModelPair& models,
                                             const Dataset& dataset, TokenStorage tokens,
                                             const std::string& tags_file, const Context& context) {
  std::set<std::filesystem::path> files;
  for (const DatasetImage& image : dataset.images) files.insert(image.file);
  const std::vector<std::filesystem::path> pictures(files.begin(), files.end());
  ProgressDisplay display(progress_style(context.common.quiet));
  IndexOptions options;
  options.decode_threads = context.common.threads;
  options.tags_file = tags_file;
  options.stop = context.stop;
  options.on_progress = [&](const IndexProgress& progress) { display.show(progress); };
  std::size_t skips = 0;
  options.on_skipped = [&](const SkippedRecord& record) {
    if (context.common.quiet || ++skips > kShownSkips) return;
    display.clear();
    print_note(line_of(record));
  };
  // A gallery of one model serves any second one, whose image tokens are then computed for this run alone.
  const auto known = Gallery::peek(folder);
  const ModelPair kept = known && !known->reranker ? ModelPair(models.model) : models;
  const GalleryOptions gallery{.tokens = tokens, .index_spec = "exact"};
  index_pictures(*GalleryWriter::open(folder, kept, gallery), kept, pictures, options);
  return Gallery::open(folder);
}

}  // namespace tandem::cli
