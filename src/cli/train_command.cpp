#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stop_token>
#include <utility>

#include "cli/command.h"
#include "cli/dataset_gallery.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "tandem/datasets.h"
#include "tandem/error.h"
#include "tandem/training.h"

namespace tandem::cli {
namespace {

using nlohmann::json;

// What a configuration may name beside the options of the training, by the names of the command line.
struct TrainArguments {
  std::string config;
  std::string model;
  DatasetChoice data;
  std::string images;  // as the configuration names them
  std::string region_files;
  std::string assume_language;
  std::string split;
  std::string dev_data;
  std::string dev_split;
  std::string out;
  std::map<std::string, std::string> options;  // that were given, by their names in JSON

  std::map<std::string, std::string*> places() {
    return {{"model", &model},       {"data", &data.data},
            {"images", &images},     {"format", &data.format},
            {"split", &split},       {"region_files", &region_files},
            {"out", &out},           {"dev_split", &dev_split},
            {"dev_data", &dev_data}, {"assume_language", &assume_language}};
  }
};

json parse_config(std::istream& file, const std::string& name) {
  try {
    return json::parse(file);
  } catch (const json::parse_error& error) {
    throw Error(ErrorCode::kBadFormat, fmt::format("{}: not valid JSON at byte {}", name, error.byte));
  }
}

// The file, as JSON; what it names beside the options fills what the command line left open.
json read_config(TrainArguments& arguments) {
  if (arguments.config.empty()) return json::object();
  std::ifstream file(arguments.config);
  if (!file) throw Error(ErrorCode::kNotFound, arguments.config + ": cannot be read");
  json config = parse_config(file, arguments.config);
  if (!config.is_object()) throw Error(ErrorCode::kBadFormat, arguments.config + ": is not a JSON object");
  for (const auto& [name, place] : arguments.places()) {
    if (!config.contains(name)) continue;
    if (!config[name].is_string()) {
      throw Error(ErrorCode::kBadFormat, arguments.config + ": " + name + ": a text is wanted");
    }
    if (place->empty()) *place = config[name].get<std::string>();
    config.erase(name);
  }
  DatasetOptions& options = arguments.data.options;
  if (options.images.empty()) options.images = arguments.images;
  if (options.regions.empty()) options.regions = arguments.region_files;
  if (!arguments.assume_language.empty()) options.language = arguments.assume_language;
  return config;
}

// An option of the command line as JSON: lists are divided by commas, text needs no quotes.
json to_value(const std::string& text, const json& like) {
  if (like.is_array()) {
    json list = json::array();
    for (std::size_t first = 0; first <= text.size();) {
      const std::size_t end = std::min(text.find(',', first), text.size());
      if (end > first) list.push_back(text.substr(first, end - first));
      first = end + 1;
    }
    return list;
  }
  if (like.is_string()) return text;
  const json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(text) : value;
}

// Of the command line, where a wrong value is wrong usage and no file is damaged.
TrainingOptions parse_flags(const json& flags, const TrainingOptions& defaults) {
  try {
    return parse_training_options(flags.dump(), "command line", defaults);
  } catch (const Error& error) {
    throw Error(ErrorCode::kInvalidArgument, error.what());
  }
}

TrainingOptions options_of(const TrainArguments& arguments, const json& config) {
  json flat = json::object();
  for (const TrainingOptionInfo& info : training_option_infos()) {
    const auto given = arguments.options.find(info.name);
    if (given != arguments.options.end()) flat[info.name] = to_value(given->second, json::parse(info.value));
  }
  // The task decides what the other options are where nobody names them.
  const json of_file = config.contains("task") ? json{{"task", config["task"]}} : json::object();
  const json of_flags = flat.contains("task") ? json{{"task", flat["task"]}} : json::object();
  const TrainingTask task =
      parse_flags(of_flags, parse_training_options(of_file.dump(), arguments.config)).task;
  return parse_flags(flat, parse_training_options(config.dump(), arguments.config, paper_recipe(task)));
}

Dataset load_split(const TrainArguments& arguments, const std::string& data, const std::string& split,
                   const Context& context) {
  DatasetChoice choice = arguments.data;
  choice.data = data;
  choice.options.split = split;
  return choice.load(context).dataset;
}

std::string losses_text(const TrainingRound& round) {
  std::string text;
  for (const auto& [task, loss] : round.losses) text += fmt::format(", {} {:.4f}", task, loss);
  return text;
}

class Watching final : public TrainingObserver {
 public:
  Watching(const Context& context, const TrainingOptions& options)
      : context_(context), options_(options), display_(progress_style(context.common.quiet)) {}

  void on_round(const TrainingRound& round) override {
    display_.show(round.round, options_.rounds,
                  fmt::format("round {} of {}{}, rate {:.2g}, {:.0f} pairs per second, {} left", round.round,
                              options_.rounds, losses_text(round), round.rate, round.pairs_per_second,
                              duration_text(round.seconds_left)));
  }

  void on_evaluation(const TrainingEvaluation& evaluation) override {
    display_.clear();
    if (context_.common.json) {
      Json line = {{"kind", "dev"}, {"round", evaluation.round}, {"score", evaluation.score}};
      for (const auto& [name, value] : evaluation.metrics) line[name] = value;
      line["best"] = evaluation.best;
      print_json(line);
    } else if (!context_.common.quiet) {
      std::string text = fmt::format("round {}: score {:.4f}{}", evaluation.round, evaluation.score,
                                     evaluation.best ? " (best)" : "");
      for (const auto& [name, value] : evaluation.metrics) {
        if (name.find("_t2i_") != name.npos) text += fmt::format(", {} {:.1f}", name, 100 * value);
      }
      print_line(text);
    }
  }

  void on_progress(const std::string& what, std::size_t done, std::size_t total) override {
    if (what != stage_.what || done < stage_.first) stage_ = {what, done, Clock::now()};
    display_.show(done, total, fmt::format("{}: {} of {}{}", what, done, total, left(done, total)));
  }

  void on_note(const std::string& note) override {
    display_.clear();
    if (!context_.common.quiet) print_note(note);
  }

  void clear() { display_.clear(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Stage {
    std::string what;
    std::size_t first = 0;  // done when it was told of at first: of an earlier run, perhaps
    Clock::time_point begun;
  };

  std::string left(std::size_t done, std::size_t total) const {
    if (done == stage_.first) return {};
    const std::chrono::duration<double> passed = Clock::now() - stage_.begun;
    const double each = passed.count() / static_cast<double>(done - stage_.first);
    return ", " + duration_text(each * static_cast<double>(total - done)) + " left";
  }

  const Context& context_;
  const TrainingOptions& options_;
  ProgressDisplay display_;
  Stage stage_;
};

void print_result(const TrainingResult& result, const Context& context) {
  const bool has_model = result.best_round > 0;
  if (context.common.json) {
    print_json({{"kind", "result"},
                {"rounds", result.rounds},
                {"best_round", has_model ? Json(result.best_round) : Json()},
                {"best_score", has_model ? Json(result.best_score) : Json()},
                {"start_score", result.start_score ? Json(*result.start_score) : Json()},
                {"finished", result.finished},
                {"stopped_early", result.stopped_early},
                {"model", has_model ? Json(result.model.string()) : Json()}});
  } else if (!context.common.quiet) {
    const std::string rounds = fmt::format("{} rounds; ", result.rounds);
    print_line(rounds + (has_model ? fmt::format("the best model, of round {}, is in {}", result.best_round,
                                                 one_line(result.model.string()))
                                   : std::string("no model yet, as none was evaluated")));
  }
}

// What is easily overlooked at the end. `calibrate`: the command that is next, or nothing.
void advise(const TrainingResult& result, const std::string& calibrate, const Context& context) {
  if (context.common.quiet || result.best_round == 0) return;
  if (result.start_score && *result.start_score >= result.best_score) {
    print_note(
        fmt::format("no round scored better than the model it began with ({:.4f}, the best round {:.4f}); "
                    "a lower learning rate or fewer rounds may help",
                    *result.start_score, result.best_score));
  }
  if (result.finished && !calibrate.empty()) print_note("next, as its match is new: " + calibrate);
}

// A training that sees what it is judged by would choose the model that knows it by heart.
void require_apart(const Dataset& train, const Dataset& dev) {
  const auto name_of = [](const DatasetImage& image) {
    return std::pair(std::filesystem::absolute(image.file).lexically_normal(), image.id);
  };
  std::set<std::pair<std::filesystem::path, std::string>> trained_on;
  for (const DatasetImage& image : train.images) trained_on.insert(name_of(image));
  for (const DatasetImage& image : dev.images) {
    if (!trained_on.contains(name_of(image))) continue;
    throw Error(
        ErrorCode::kInvalidArgument,
        image.id + " is trained on and in the development set; give another --dev-split or --dev-data");
  }
}

void require(const std::string& value, const char* option) {
  if (!value.empty()) return;
  throw Error(ErrorCode::kInvalidArgument, std::string(option) + " is missing; see tandem train --help");
}

int run_train(TrainArguments arguments, const Context& context) {
  const json config = read_config(arguments);
  require(arguments.data.data, "--data");
  require(arguments.out, "--out");
  const TrainingOptions options = options_of(arguments, config);
  options.validate();
  const std::string split = arguments.split.empty() ? "train" : arguments.split;
  const std::string dev_split = arguments.dev_split.empty() ? "dev" : arguments.dev_split;
  const std::string& dev_data = arguments.dev_data.empty() ? arguments.data.data : arguments.dev_data;
  const Dataset train = load_split(arguments, arguments.data.data, split, context);
  const Dataset dev = load_split(arguments, dev_data, dev_split, context);
  require_apart(train, dev);
  const std::filesystem::path model =
      arguments.model.empty() ? default_model_folder() : std::filesystem::path(arguments.model);

  const PatientStop waits_for_the_round;
  const std::stop_callback tells(context.stop, [quiet = context.common.quiet] {
    if (!quiet) print_note("stopping behind this step; Ctrl-C again ends it at once, at the last checkpoint");
  });
  Watching watching(context, options);
  const TrainingResult result =
      Trainer(model, options).run(train, dev, arguments.out, &watching, context.stop);
  watching.clear();
  print_result(result, context);
  const bool has_other_match =
      options.task != TrainingTask::kEmb || std::filesystem::exists(model / "calibration.json");
  advise(result,
         has_other_match ? fmt::format("tandem calibrate --model {} --data {} --split {}",
                                       result.model.string(), dev_data, dev_split)
                         : "",
         context);
  if (result.finished) return 0;
  throw Error(ErrorCode::kCancelled,
              fmt::format("stopped behind round {}; the same command goes on from there", result.rounds));
}

std::string flag_of(std::string name) {
  std::ranges::replace(name, '_', '-');
  std::ranges::replace(name, '.', '-');
  return "--" + name;
}

void add_training_options(CLI::App& command, TrainArguments& arguments) {
  for (const TrainingOptionInfo& info : training_option_infos()) {
    const json value = json::parse(info.value);
    const bool is_empty = value == "" || value == json::array();
    command
        .add_option_function<std::string>(
            flag_of(info.name),
            [&arguments, name = info.name](const std::string& text) { arguments.options[name] = text; },
            info.help +
                (is_empty ? ""
                          : " (default " + (value.is_string() ? value.get<std::string>() : info.value) + ")"))
        ->type_name(value.is_boolean()  ? "true|false"
                    : value.is_array()  ? "NAME,..."
                    : value.is_string() ? "NAME"
                                        : "N")
        ->group("Training");
  }
}

}  // namespace

Command add_train_command(CLI::App& app) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command =
      app.add_subcommand("train", "Fine-tune a model: its embeddings, its match, or both at once");
  command->add_option("CONFIG", arguments->config,
                      "JSON with any of the options below, with _ in the place of -");
  command
      ->add_option("--model", arguments->model,
                   "Folder of the model to begin with (default: the one that ships)")
      ->type_name("DIR");
  command->add_option("--data", arguments->data.data, "Pictures with captions, as tandem evaluate reads them")
      ->type_name("PATH");
  arguments->data.add_layout_to(*command);
  command
      ->add_option("--assume-language", arguments->assume_language,
                   "Language of captions of which the data does not say it (default en)")
      ->type_name("CODE");
  command->add_option("--split", arguments->split, "Pictures to train on (default train)")->type_name("NAME");
  command->add_option("--dev-data", arguments->dev_data, "Where the best model is chosen (default: --data)")
      ->type_name("PATH");
  command->add_option("--dev-split", arguments->dev_split, "Its split (default dev)")->type_name("NAME");
  command->add_option("--out", arguments->out, "Folder for the model, checkpoints and curves")
      ->type_name("DIR");
  add_training_options(*command, *arguments);
  command->footer(
      "The best model lies in OUT/model. A training that was stopped, by Ctrl-C or a kill, goes on with the "
      "same\n"
      "command. docs/training.md tells what the options do, and how to train in several processes.\n"
      "\n"
      "Examples:\n"
      "  tandem train --data flickr8k --out run --loss infonce --freeze-tower true --rounds 300 "
      "--evaluate-every 50\n"
      "  tandem train recipe.json --rounds 2000 --learning-rate 2e-5\n"
      "  tandem train --model oscar --data dataset_flickr30k.json --region-files regions.tsv --out "
      "oscar-joint");
  return {command, [arguments](const Context& context) { return run_train(*arguments, context); }};
}

}  // namespace tandem::cli
