#include <fmt/format.h>

#include <algorithm>
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
#include "cli/signals.h"
#include "cli/train_report.h"
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
  } catch (const json::exception&) {
    throw Error(ErrorCode::kBadFormat, name + ": has a number that is out of range");
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
  if (!arguments.assume_language.empty()) arguments.data.options.language = arguments.assume_language;
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
  TrainingDisplay display(context, options);
  const TrainingResult result =
      Trainer(model, options).run(train, dev, arguments.out, &display, context.stop);
  display.clear();
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
