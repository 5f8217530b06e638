#include <utility>

#include "cli/calibration_json.h"
#include "cli/command.h"
#include "cli/dataset_gallery.h"
#include "cli/evaluate_report.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/temporary_folder.h"
#include "tandem/calibration.h"
#include "tandem/evaluation.h"

namespace tandem::cli {
namespace {

struct CalibrateArguments {
  DatasetChoice data;
  ModelChoice model;
  std::vector<std::string> languages;
  std::size_t shortlist = 20;
  std::string gallery;
  bool temperature = false;
  bool dry_run = false;
};

// What a search shows: each caption with the pictures on its shortlist, each picture with its captions'.
EvaluationOptions evaluation_options(const CalibrateArguments& arguments, const Context& context) {
  EvaluationOptions options;
  options.methods = {RetrievalMethod::kCoop};
  options.languages = arguments.languages;
  options.shortlists = {arguments.shortlist};
  options.failures = 0;
  options.latency_queries = 0;
  options.bootstrap.samples = 0;
  options.stop = context.stop;
  return options;
}

MatchedPairs match_pairs(const CalibrateArguments& arguments, const ModelPair& models, const Dataset& dataset,
                         const Context& context) {
  EvaluationOptions options = evaluation_options(arguments, context);
  std::optional<TemporaryFolder> temporary;
  if (arguments.gallery.empty()) temporary.emplace();
  const auto gallery =
      index_dataset(temporary ? temporary->path() / "gallery" : std::filesystem::path(arguments.gallery),
                    models, dataset, TokenStorage::kFp16, arguments.data.pictures.tags_file(), context);
  ProgressDisplay display(progress_style(context.common.quiet));
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) { display.show_pairs(done, total); };
  EvaluationReport report = evaluate_retrieval(*gallery, models, dataset, options);
  display.clear();
  if (!context.common.quiet) {
    for (const std::string& finding : findings_of(report)) print_note(finding);
  }
  // Two models' scores are not fused: the calibration is that of the second alone.
  if (models.reranker) report.matched.similarities.clear();
  return std::move(report.matched);
}

void print_calibration(const std::filesystem::path& folder, const Calibration& calibration,
                       const CalibrationNotes& notes, bool written, bool json) {
  if (json) {
    Json fields = json_of(calibration);
    fields.update({{"model_path", folder.string()},
                   {"pairs", notes.pairs},
                   {"ece_before", static_cast<float>(notes.ece_before)},
                   {"ece_after", static_cast<float>(notes.ece_after)},
                   {"written", written}});
    print_json(fields);
    return;
  }
  const auto text = [](float value) { return number(static_cast<double>(value)); };
  print_line("scale " + text(calibration.scale) + ", bias " + text(calibration.bias) + ", from " +
             count_of(notes.pairs, "pair"));
  if (const auto& fused = calibration.fused) {
    print_line("with the cosine: logit " + text(fused->logit) + ", similarity " + text(fused->similarity) +
               ", bias " + text(fused->bias));
  }
  print_line("expected calibration error: " + percent(notes.ece_before) + " % before, " +
             percent(notes.ece_after) + " % after");
  print_line((written ? "written into " : "not written into ") + one_line(folder.string()));
}

int run_calibrate(const CalibrateArguments& arguments, const Context& context) {
  evaluation_options(arguments, context).validate();  // before a model is loaded for nothing
  const LoadedDataset loaded = arguments.data.load(context);
  const ModelPair models = arguments.model.load_for_folder(arguments.gallery);
  const MatchedPairs pairs = match_pairs(arguments, models, loaded.dataset, context);
  const Calibration calibration = fit_calibration(
      pairs, arguments.temperature ? CalibrationMethod::kTemperature : CalibrationMethod::kPlatt);
  const CalibrationNotes notes{pairs.logits.size(), measure_reliability(pairs, {}).error,
                               measure_reliability(pairs, calibration).error,
                               arguments.data.data + ", " + arguments.data.options.split.value()};
  const std::filesystem::path folder = models.matching()->info().path;
  if (!arguments.dry_run) save_calibration(folder, calibration, notes);
  print_calibration(folder, calibration, notes, !arguments.dry_run, context.common.json);
  return 0;
}

}  // namespace

Command add_calibrate_command(CLI::App& app) {
  auto arguments = std::make_shared<CalibrateArguments>();
  arguments->data.options.split = "dev";
  CLI::App* command =
      app.add_subcommand("calibrate", "Let the probabilities of a match come true as often as they say");
  arguments->data.add_to(*command, "dev");
  arguments->model.add_to(*command, /*matches=*/true);
  arguments->model.add_reranker_to(*command,
                                   "Folder of a second model, which matches and is the one to calibrate");
  arguments->model.add_detector_to(*command);
  command
      ->add_option("--language", arguments->languages,
                   "Languages of the captions, all for every one together (default: each, and all)")
      ->type_name("CODE,...")
      ->delimiter(',');
  command->add_option("--k", arguments->shortlist, "Length of the shortlists that are matched (default 20)")
      ->type_name("N")
      ->check(whole_number());
  command->add_flag("--temperature", arguments->temperature,
                    "Fit a scale alone, without a bias and without the cosine");
  command->add_flag("--dry-run", arguments->dry_run, "Write nothing");
  command
      ->add_option("--gallery", arguments->gallery,
                   "Keep the pictures' gallery here, and use what it holds (default: a temporary one)")
      ->type_name("DIR");
  command->footer(
      "Matches captions with the pictures that a search would show for them, and writes calibration.json "
      "into\n"
      "the folder of the model. Take data that the model was not trained on.\n"
      "\n"
      "Examples:\n"
      "  tandem calibrate --data flickr8k --split dev\n"
      "  tandem calibrate --data photos --model blip --language en,de --dry-run");
  return {command, [arguments](const Context& context) { return run_calibrate(*arguments, context); }};
}

}  // namespace tandem::cli
