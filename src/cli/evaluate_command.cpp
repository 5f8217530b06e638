#include <algorithm>
#include <set>
#include <utility>

#include "cli/command.h"
#include "cli/evaluate_page.h"
#include "cli/evaluate_report.h"
#include "cli/html.h"
#include "cli/index_report.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/temporary_folder.h"
#include "tandem/datasets.h"
#include "tandem/error.h"
#include "tandem/evaluation.h"
#include "tandem/indexing.h"

namespace tandem::cli {
namespace {

constexpr std::size_t kShownSkips = 5;

struct EvaluateArguments {
  std::string data;
  std::string format;
  DatasetOptions dataset;
  ModelChoice model;
  PictureFiles pictures;
  std::vector<std::string> methods;
  std::string gallery;
  std::string report;
  EvaluationOptions options;
};

std::vector<RetrievalMethod> methods_of(const EvaluateArguments& arguments, const ModelPair& models) {
  std::vector<RetrievalMethod> methods;
  for (const std::string& name : arguments.methods) methods.push_back(parse_retrieval_method(name));
  if (!methods.empty()) return methods;
  methods.push_back(RetrievalMethod::kEmb);
  if (models.matching()->info().capabilities.match) methods.push_back(RetrievalMethod::kCoop);
  return methods;
}

// Tokens are worth their place only where something is matched.
GalleryOptions gallery_options(const EvaluationOptions& options) {
  const bool matches =
      std::ranges::any_of(options.methods, [](auto m) { return m != RetrievalMethod::kEmb; });
  return {.tokens = matches ? TokenStorage::kFp16 : TokenStorage::kNone, .index_spec = "exact"};
}

std::shared_ptr<const Gallery> index_dataset(const std::filesystem::path& folder, const ModelPair& models,
                                             const Dataset& dataset, const EvaluationOptions& evaluation,
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
  // A gallery of one model serves any second one, whose image tokens are then computed for the evaluation
  // alone.
  const auto known = Gallery::peek(folder);
  const ModelPair kept = known && !known->reranker ? ModelPair(models.model) : models;
  index_pictures(*GalleryWriter::open(folder, kept, gallery_options(evaluation)), kept, pictures, options);
  return Gallery::open(folder);
}

void print_report(const EvaluationReport& report, bool json) {
  if (json) {
    for (const EvaluationResult& result : report.results) print_json(json_of(report, result));
    return;
  }
  for (const std::string& line : table(rows_of(report))) print_line(line);
}

void print_findings(const std::vector<std::string>& findings, const Context& context) {
  if (context.common.quiet) return;
  for (const std::string& finding : findings) print_note(finding);
}

int run_evaluate(const EvaluateArguments& arguments, const Context& context) {
  DatasetOptions dataset_options = arguments.dataset;
  if (!arguments.format.empty()) dataset_options.format = parse_dataset_format(arguments.format);
  // Before a model is loaded for nothing.
  arguments.options.validate();
  const LoadedDataset loaded = load_dataset(arguments.data, dataset_options);
  print_findings(findings_of(loaded.report), context);

  const ModelPair models = arguments.gallery.empty() ? arguments.model.load_pair()
                                                     : arguments.model.load_for_folder(arguments.gallery);
  EvaluationOptions options = arguments.options;
  options.methods = methods_of(arguments, models);
  options.stop = context.stop;
  std::optional<TemporaryFolder> temporary;
  if (arguments.gallery.empty()) temporary.emplace();
  const auto gallery =
      index_dataset(temporary ? temporary->path() / "gallery" : std::filesystem::path(arguments.gallery),
                    models, loaded.dataset, options, arguments.pictures.tags_file(), context);
  ProgressDisplay display(progress_style(context.common.quiet));
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) { display.show_pairs(done, total); };
  const EvaluationReport report = evaluate_retrieval(*gallery, models, loaded.dataset, options);
  display.clear();
  print_findings(findings_of(report), context);
  if (!arguments.report.empty()) {
    write_html(arguments.report,
               evaluation_page({arguments.data, models.model->info().path.string(),
                                models.reranker ? models.reranker->info().path.string() : "", loaded.dataset,
                                loaded.report, report}));
  }
  print_report(report, context.common.json);
  return 0;
}

void add_data_options(CLI::App& command, EvaluateArguments& arguments) {
  command.add_option("--data", arguments.data, "Pictures with captions: a folder, or a file of captions")
      ->type_name("PATH")
      ->required();
  command.add_option("--format", arguments.format, "Layout of the data (default: by the names of its files)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"jsonl", "karpathy", "multi30k", "table"}));
  command
      .add_option("--images", arguments.dataset.images, "Folder of the pictures (default: beside the data)")
      ->type_name("DIR");
  command
      .add_option("--region-files", arguments.dataset.regions,
                  "Region file, or folder of such, in the place of photos")
      ->type_name("PATH");
  arguments.pictures.add_to(command);
  command.add_option("--split", arguments.dataset.split, "train, dev, test, all ... (default: test)")
      ->type_name("NAME");
  command.add_option("--limit", arguments.dataset.limit, "Take the first N pictures only")
      ->type_name("N")
      ->check(whole_number());
  command
      .add_option("--assume-language", arguments.dataset.language,
                  "Language of captions of which the data does not say it (default en)")
      ->type_name("CODE");
}

void add_evaluation_options(CLI::App& command, EvaluateArguments& arguments) {
  EvaluationOptions& options = arguments.options;
  command
      .add_option(
          "--method", arguments.methods,
          "emb: by cosine; ce: match every pair; coop: match a shortlist (default: emb, and coop where the "
          "model can match)")
      ->type_name("NAME,...")
      ->delimiter(',')
      ->check(CLI::IsMember({"emb", "ce", "coop"}));
  command
      .add_option("--language", options.languages,
                  "Languages to evaluate, all for every one together (default: each, and all)")
      ->type_name("CODE,...")
      ->delimiter(',');
  command.add_option("--k", options.shortlists, "Lengths of the shortlist of coop (default 50)")
      ->type_name("N,...")
      ->delimiter(',')
      ->check(whole_number());
  command
      .add_option("--lambda", options.lambdas,
                  "Weights of the match against the cosine, from 0 to 1, of coop (default 1)")
      ->type_name("X,...")
      ->delimiter(',');
  command
      .add_option("--fold", options.fold, "Evaluate folds of N pictures, and take the mean (1000: COCO 1k)")
      ->type_name("N")
      ->check(whole_number());
  command.add_option("--max-pairs", options.max_pairs, "Pairs that ce may match (default 1000000)")
      ->type_name("N")
      ->check(whole_number());
}

}  // namespace

Command add_evaluate_command(CLI::App& app) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App* command = app.add_subcommand("evaluate", "Measure how well a model finds pictures by captions");
  add_data_options(*command, *arguments);
  add_evaluation_options(*command, *arguments);
  arguments->model.add_to(*command, /*matches=*/true);
  arguments->model.add_reranker_to(*command,
                                   "Folder of a second model, which matches what the first one finds");
  arguments->model.add_detector_to(*command);
  command
      ->add_option("--gallery", arguments->gallery,
                   "Keep the pictures' gallery here, and use what it holds (default: a temporary one)")
      ->type_name("DIR");
  command->add_option("--report", arguments->report, "Also write a page with charts and the worst failures")
      ->type_name("FILE");
  command->footer(
      "Both directions are measured: pictures by captions, and captions by pictures. docs/evaluation.md "
      "tells\n"
      "how, and which data is read.\n"
      "\n"
      "Examples:\n"
      "  tandem evaluate --data flickr8k --split test --language en\n"
      "  tandem evaluate --data dataset_coco.json --images coco --fold 1000 --method emb\n"
      "  tandem evaluate --data flickr8k --k 10,20,50 --lambda 0.5,1 --report flickr8k.html\n"
      "  tandem evaluate --data captions.tsv --images photos --model blip --gallery photos.gallery --json");
  return {command, [arguments](const Context& context) { return run_evaluate(*arguments, context); }};
}

}  // namespace tandem::cli
