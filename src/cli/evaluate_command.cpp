#include <algorithm>
#include <utility>

#include "cli/command.h"
#include "cli/dataset_gallery.h"
#include "cli/evaluate_page.h"
#include "cli/evaluate_report.h"
#include "cli/html.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/temporary_folder.h"
#include "cli/training_curves.h"
#include "tandem/datasets.h"
#include "tandem/evaluation.h"

namespace tandem::cli {
namespace {

struct EvaluateArguments {
  DatasetChoice data;
  ModelChoice model;
  std::vector<std::string> methods;
  std::string gallery;
  std::string report;
  std::string curves;
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
TokenStorage tokens_for(const EvaluationOptions& options) {
  const bool matches =
      std::ranges::any_of(options.methods, [](auto m) { return m != RetrievalMethod::kEmb; });
  return matches ? TokenStorage::kFp16 : TokenStorage::kNone;
}

void print_report(const EvaluationReport& report, bool json) {
  if (json) {
    for (const EvaluationResult& result : report.results) print_json(json_of(report, result));
    return;
  }
  for (const std::string& line : table(rows_of(report))) print_line(line);
  const auto gains = gain_rows_of(report);
  if (!gains.empty()) {
    print_line("");
    print_line("Gain over emb on the same queries, with 95 % intervals:");
    for (const std::string& line : table(gains)) print_line(line);
  }
  const std::string latency = latency_line(report);
  if (latency.empty()) return;
  print_line("");
  print_line(latency);
}

int run_evaluate(const EvaluateArguments& arguments, const Context& context) {
  arguments.options.validate();  // before a model is loaded for nothing
  const LoadedDataset loaded = arguments.data.load(context);
  const ModelPair models = arguments.model.load_for_folder(arguments.gallery);
  EvaluationOptions options = arguments.options;
  options.methods = methods_of(arguments, models);
  options.stop = context.stop;
  std::optional<TemporaryFolder> temporary;
  if (arguments.gallery.empty()) temporary.emplace();
  const auto gallery = index_dataset(
      temporary ? temporary->path() / "gallery" : std::filesystem::path(arguments.gallery), models,
      loaded.dataset, tokens_for(options), arguments.data.pictures.tags_file(), context);
  ProgressDisplay display(progress_style(context.common.quiet));
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) { display.show_pairs(done, total); };
  const EvaluationReport report = evaluate_retrieval(*gallery, models, loaded.dataset, options);
  display.clear();
  if (!context.common.quiet) {
    for (const std::string& finding : findings_of(report)) print_note(finding);
  }
  if (!arguments.report.empty()) {
    const std::string curves = arguments.curves.empty() ? "" : training_curves_html(arguments.curves);
    write_html(arguments.report,
               evaluation_page({arguments.data.data, models.model->info().path.string(),
                                models.reranker ? models.reranker->info().path.string() : "", loaded.dataset,
                                loaded.report, report, curves}));
  }
  print_report(report, context.common.json);
  return 0;
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
  arguments->data.add_to(*command, "test");
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
  command->add_option("--curves", arguments->curves, "metrics.jsonl of the model's training, for the page")
      ->type_name("FILE")
      ->needs("--report");
  command->footer(
      "Both directions are measured: pictures by captions, and captions by pictures. docs/evaluation.md "
      "tells\n"
      "how, and which data is read.\n"
      "\n"
      "Examples:\n"
      "  tandem evaluate --data flickr8k --split test --language en\n"
      "  tandem evaluate --data dataset_coco.json --images coco --fold 1000 --method emb\n"
      "  tandem evaluate --data flickr8k --k 10,20,50 --lambda 0.5,1 --report flickr8k.html\n"
      "  tandem evaluate --data flickr8k --model run/model --report run.html --curves run/metrics.jsonl\n"
      "  tandem evaluate --data captions.tsv --images photos --model blip --gallery photos.gallery --json");
  return {command, [arguments](const Context& context) { return run_evaluate(*arguments, context); }};
}

}  // namespace tandem::cli
