// What a precision, or the way in which a gallery stores image tokens, does to the order of shortlists: that
// of a model in full precision with all tokens is the measure.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <numeric>

#include "command.h"
#include "tandem/datasets.h"
#include "tandem/encoders.h"
#include "tandem/gallery.h"

namespace tandem::bench {
namespace {

struct Arguments {
  std::string data;
  std::string gallery;
  std::string language = "en";
  std::size_t shortlist = 20;
};

struct Inputs {
  std::vector<Picture> pictures;
  std::vector<std::filesystem::path> files;  // of the pictures
  std::vector<Text> texts;
  std::vector<std::size_t> right;  // the place of each text's picture
};

Inputs read_inputs(const Arguments& arguments) {
  const Dataset data = load_dataset(arguments.data, {.language = arguments.language}).dataset;
  Inputs inputs;
  for (const DatasetImage& image : data.images) {
    inputs.pictures.push_back(load_picture(image.file));
    inputs.files.push_back(image.file);
  }
  for (const DatasetCaption& caption : data.captions) {
    if (caption.text.language != arguments.language) continue;
    inputs.texts.push_back(caption.text);
    inputs.right.push_back(caption.image);
  }
  return inputs;
}

// What a search ranks by, for each text and each picture.
struct Scores {
  Matrix similarities;
  Matrix reranked;
};

// As a gallery has them, where there is one.
std::vector<Matrix> tokens_of(const std::shared_ptr<const Model>& model, const Inputs& inputs,
                              const std::string& gallery) {
  if (gallery.empty()) return CrossEncoder(model).image_tokens(inputs.pictures);
  const auto opened = Gallery::open(gallery);
  std::map<std::filesystem::path, ImageId> ids;
  for (const ImageRecord& image : opened->images()) ids[image.path] = image.id;
  std::vector<Matrix> tokens;
  for (const auto& file : inputs.files) tokens.push_back(opened->tokens(ids.at(file)));
  return tokens;
}

Scores scores_of(const std::shared_ptr<const Model>& model, const Inputs& inputs,
                 const std::string& gallery) {
  const CrossEncoder cross_encoder(model);
  const Matrix queries = BiEncoder(model).embed_texts(inputs.texts);
  const std::vector<Matrix> embeddings = BiEncoder(model).embed_images(inputs.pictures);
  const std::vector<Matrix> tokens = tokens_of(model, inputs, gallery);
  const std::vector<MatrixView> views(tokens.begin(), tokens.end());
  Scores scores{Matrix(inputs.texts.size(), views.size()), Matrix(inputs.texts.size(), views.size())};
  for (std::size_t i = 0; i < inputs.texts.size(); ++i) {
    const std::vector<float> logits = cross_encoder.score(inputs.texts[i], views);
    for (std::size_t j = 0; j < views.size(); ++j) {
      const auto a = queries.row(i), b = embeddings[j].row(0);
      const float similarity = std::inner_product(a.begin(), a.end(), b.begin(), 0.0F);
      scores.similarities.row(i)[j] = similarity;
      scores.reranked.row(i)[j] =
          static_cast<float>(match_score(logits[j], similarity, model->info().calibration));
    }
  }
  return scores;
}

// Kendall's τ of two rows at some places; ties count as neither.
double kendall_tau(std::span<const float> a, std::span<const float> b, std::span<const std::size_t> places) {
  std::int64_t sum = 0, pairs = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j, ++pairs) {
      const float in_a = a[places[i]] - a[places[j]], in_b = b[places[i]] - b[places[j]];
      sum += (in_a * in_b > 0) - (in_a * in_b < 0);
    }
  }
  return static_cast<double>(sum) / static_cast<double>(pairs);
}

// The best of the places.
std::size_t first_of(std::span<const std::size_t> places, std::span<const float> scores) {
  return *std::ranges::max_element(places, {}, [&](std::size_t place) { return scores[place]; });
}

nlohmann::json compare(const Scores& full, const Scores& other, const Inputs& inputs, std::size_t shortlist) {
  double tau = 0, same = 0, right = 0;
  for (std::size_t i = 0; i < inputs.texts.size(); ++i) {
    const auto similarities = full.similarities.row(i), a = full.reranked.row(i), b = other.reranked.row(i);
    std::vector<std::size_t> places(similarities.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::ranges::sort(places, std::greater(), [&](std::size_t place) { return similarities[place]; });
    places.resize(std::min(shortlist, places.size()));
    tau += kendall_tau(a, b, places);
    same += first_of(places, a) == first_of(places, b);
    right += first_of(places, b) == inputs.right[i];
  }
  const auto texts = static_cast<double>(inputs.texts.size());
  return {{"texts", inputs.texts.size()},
          {"kendall_tau", tau / texts},
          {"same_first", same / texts},
          {"recall_at_1", right / texts}};
}

nlohmann::json run(const Arguments& arguments, const ModelOptions& options) {
  const Inputs inputs = read_inputs(arguments);
  const auto place = default_model_folder();
  ModelOptions full;
  full.match_precision = Precision::kFp32;
  return compare(scores_of(Model::load(place, full), inputs, {}),
                 scores_of(Model::load(place, options), inputs, arguments.gallery), inputs,
                 arguments.shortlist);
}

}  // namespace

Command add_order(CLI::App& app, const ModelOptions& options) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("order", "How far shortlists keep their order");
  command->add_option("DATA", arguments->data, "Pictures with captions")->required();
  command->add_option("--gallery", arguments->gallery, "Which has the tokens of the pictures");
  command->add_option("--language", arguments->language);
  command->add_option("--shortlist", arguments->shortlist);
  return {command, [arguments, &options] { return run(*arguments, options); }};
}

}  // namespace tandem::bench
