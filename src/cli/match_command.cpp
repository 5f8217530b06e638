#include <algorithm>
#include <map>
#include <utility>

#include "cli/command.h"
#include "cli/output.h"
#include "tandem/encoders.h"
#include "tandem/error.h"
#include "tandem/regions.h"

namespace tandem::cli {
namespace {

// Pictures in memory at a time.
constexpr std::size_t kPairsAtOnce = 16;

struct MatchArguments {
  ModelChoice model;
  InputOptions inputs;
  PictureFiles pictures;
  std::string pairs_file;
};

void refuse(const char* what) { throw Error(ErrorCode::kInvalidArgument, what); }

// All pairs of --image and texts, one picture after the other; or those of the file, in its order.
std::vector<TextImagePair> read_pairs(const MatchArguments& arguments, const CLI::App& app) {
  if (!arguments.pairs_file.empty()) {
    if (arguments.inputs.given())
      refuse("--pairs-file names pictures and texts: leave the other options out");
    return read_pairs_file(arguments.pairs_file);
  }
  const std::vector<Input> inputs = arguments.inputs.read(app);
  const auto is_image = [](const Input& input) { return input.kind == Input::Kind::kImage; };
  if (std::ranges::none_of(inputs, is_image) || std::ranges::all_of(inputs, is_image)) {
    refuse("nothing to match: give --image PATH and --text STR (or --texts-file FILE), or --pairs-file FILE");
  }
  std::vector<TextImagePair> pairs;
  for (const Input& image : inputs) {
    if (!is_image(image)) continue;
    for (const Input& text : inputs) {
      if (!is_image(text)) pairs.push_back({image.path, text.text});
    }
  }
  return pairs;
}

// The pairs of each picture, pictures in the order in which they first come.
struct PictureJob {
  std::string path;
  std::vector<std::size_t> pairs;
};

std::vector<PictureJob> group_by_picture(const std::vector<TextImagePair>& pairs) {
  std::vector<PictureJob> jobs;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto [job, is_new] = known.try_emplace(pairs[i].image, jobs.size());
    if (is_new) jobs.push_back({pairs[i].image, {}});
    jobs[job->second].pairs.push_back(i);
  }
  return jobs;
}

// Scores all pairs of some pictures: each picture is encoded once, each text reads all of its pictures
// together.
void score(std::span<const PictureJob> jobs, const std::vector<TextImagePair>& pairs, PictureFiles& pictures,
           const CrossEncoder& encoder, std::stop_token stop, std::vector<float>& logits) {
  std::vector<Picture> images;
  for (const PictureJob& job : jobs) images.push_back(pictures.load(job.path));
  const std::vector<Matrix> tokens = encoder.image_tokens(images, stop);

  struct Reader {
    std::vector<MatrixView> tokens;
    std::vector<std::size_t> pairs;
  };
  std::map<std::pair<std::string, std::string>, Reader> readers;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    for (const std::size_t pair : jobs[j].pairs) {
      Reader& reader = readers[{pairs[pair].text.text, pairs[pair].text.language}];
      reader.tokens.push_back(tokens[j]);
      reader.pairs.push_back(pair);
    }
  }
  for (const auto& [text, reader] : readers) {
    const std::vector<float> scores = encoder.score(Text(text.first, text.second), reader.tokens, stop);
    for (std::size_t i = 0; i < scores.size(); ++i) logits[reader.pairs[i]] = scores[i];
  }
}

void print_match(const TextImagePair& pair, float logit, const Calibration& calibration, bool json) {
  const float probability = match_probability(logit, calibration);
  if (json) {
    print_json(
        {{"image", pair.image}, {"text", pair.text.text}, {"logit", logit}, {"probability", probability}});
    return;
  }
  print_line(number(logit, "%8.3f  ") + number(probability, "%.4f  ") + one_line(pair.image) + "  " +
             one_line(pair.text.text));
}

int run_match(MatchArguments& arguments, const CLI::App& app, const Context& context) {
  const std::vector<TextImagePair> pairs = read_pairs(arguments, app);
  const CrossEncoder encoder(arguments.model.load());
  const std::vector<PictureJob> jobs = group_by_picture(pairs);
  std::vector<float> logits(pairs.size());
  for (std::span<const PictureJob> rest = jobs; !rest.empty();) {
    const auto batch = rest.first(std::min(kPairsAtOnce, rest.size()));
    score(batch, pairs, arguments.pictures, encoder, context.stop, logits);
    rest = rest.subspan(batch.size());
  }
  const Calibration& calibration = encoder.model().info().calibration;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    print_match(pairs[i], logits[i], calibration, context.common.json);
  }
  return 0;
}

}  // namespace

Command add_match_command(CLI::App& app) {
  auto arguments = std::make_shared<MatchArguments>();
  CLI::App* command = app.add_subcommand("match", "Print how well texts and pictures match");
  arguments->model.add_to(*command, /*matches=*/true);
  arguments->model.add_detector_to(*command);
  arguments->inputs.add_texts_to(*command);
  arguments->inputs.add_images_to(*command);
  arguments->pictures.add_to(*command);
  command->add_option("--pairs-file", arguments->pairs_file, "JSON lines {\"image\": PATH, \"text\": STR}")
      ->type_name("FILE");
  command->footer(
      "Prints the log-odds of a match and its probability, for every picture with every text.\n"
      "\n"
      "Examples:\n"
      "  tandem match --image boat.jpg --text \"a red boat\" --text \"a cow\"\n"
      "  tandem match --pairs-file pairs.jsonl --json");
  return {command,
          [arguments, command](const Context& context) { return run_match(*arguments, *command, context); }};
}

}  // namespace tandem::cli
