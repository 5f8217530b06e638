#include "training/trained_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>
#include <utility>

#include "checkpoint/calibration_file.h"
#include "checkpoint/strict_load.h"
#include "core/fail.h"
#include "core/hash.h"
#include "models/groups.h"
#include "models/library_errors.h"
#include "models/save_model.h"
#include "training/random.h"

namespace tandem::training {
namespace {

using models::LoadedParts;
using models::ModelFolder;
using nlohmann::json;

constexpr double kNewWeightDeviation = 0.02;  // of BERT
constexpr const char* kFactors = "match_factors";
constexpr const char* kHubness = "match_hubness";

bool wants_embeddings(TrainingTask task) { return task != TrainingTask::kCe; }
bool wants_match(TrainingTask task) { return task != TrainingTask::kEmb; }
bool wants_factors(const TrainingOptions& options) {
  return wants_match(options.task) && options.match_loss == MatchLoss::kFactors;
}

// `given`: the same as it was before.
void add_tandem_heads(json& config, const checkpoint::Config& given, const TrainingOptions& options) {
  if (wants_factors(options) && !config.contains(kFactors)) {
    // A picture's vector is stored in the place of a token, which it must fit.
    const auto token_width = given.get_object("shared").get_int("dim", checkpoint::IntRange{1});
    config[kFactors] = {{"reduced", 48},
                        {"hidden", 1024},
                        {"text_hidden", 512},
                        {"width", std::min<std::int64_t>(256, token_width)}};
  }
  if (options.hubness == 0) return;
  const auto hubness = given.find_object(kHubness);
  if (!hubness) {
    config[kHubness] = {{"centres", options.hubness}, {"scale", 20}, {"weight", 20}};
  } else if (hubness->get_int("centres") != static_cast<std::int64_t>(options.hubness)) {
    fail(ErrorCode::kInvalidArgument,
         "hubness: the model has {} centres; leave the option away to keep as many",
         hubness->get_int("centres"));
  }
}

// Families that say in their configuration which heads they have: what the task needs is added, with the
// paper's choices where it has made them.
void add_heads(ModelFolder& folder, const TrainingOptions& options) {
  const auto& family = models::family_of(folder).info;
  if (options.hubness > 0 && family.name != "tandem") {
    fail(ErrorCode::kUnsupported,
         "{}: the match of the family {} does not know of hubness; that is for the family tandem",
         folder.path.string(), family.name);
  }
  json config = json::parse(folder.config.dump());
  if (family.name == "tandem") {
    add_tandem_heads(config, folder.config, options);
  } else if (family.reads_regions) {
    if (wants_embeddings(options.task) && !config.contains("pooling")) config["pooling"] = {"mean"};
    if (wants_match(options.task) && !config.contains("match_head"))
      config["match_head"] = {{"input", "pooled"}};
  } else {
    return;
  }
  folder.config = checkpoint::Config::parse(config.dump(), (folder.path / "config.json").string());
}

LoadedParts load(const std::filesystem::path& path, const TrainingOptions& options, const FileSystem& files) {
  ModelFolder folder = models::open_model_folder(path, files);
  add_heads(folder, options);
  return models::load_parts(std::move(folder), {}, files, models::Purpose::kTrain);
}

at::Tensor normal_values(at::IntArrayRef shape, Random& random) {
  at::Tensor values = torch::empty(shape, at::kFloat);
  float* out = values.data_ptr<float>();
  // Box and Muller, 1958.
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform(0, 1)));
    out[i] = static_cast<float>(radius * std::cos(2 * std::numbers::pi * random.uniform(0, 1)) *
                                kNewWeightDeviation);
  }
  return values;
}

bool is_norm(const std::string& name) { return name.find("norm") != std::string::npos; }

at::Tensor first_value(const std::string& name, const at::Tensor& parameter, double scale, Random& random) {
  if (parameter.dim() == 0) {
    const bool logarithm = name.find("match") == std::string::npos;
    return torch::full({}, logarithm ? std::log(scale) : scale);
  }
  if (name.ends_with("bias")) return at::zeros_like(parameter);
  if (is_norm(name)) return at::ones_like(parameter);
  return normal_values(parameter.sizes(), random);
}

// What makes the input of an image tower's layers.
bool is_below_layers(const std::string& name) {
  return std::ranges::any_of(
      std::array{".class_token", ".positions", ".patch_weight", ".patch_bias", ".first_norm."},
      [&](const char* part) { return name.find(part) != std::string::npos; });
}

// "layers.7." -> 7; none outside of layers.
std::optional<int> layer_number(const std::string& name) {
  for (std::size_t i = 0; (i = name.find('.', i)) != name.npos; ++i) {
    const std::size_t end = name.find_first_not_of("0123456789", i + 1);
    if (end != name.npos && end > i + 1 && name[end] == '.')
      return std::stoi(name.substr(i + 1, end - i - 1));
  }
  return std::nullopt;
}

}  // namespace

TrainedModel::TrainedModel(const std::filesystem::path& folder, const TrainingOptions& options,
                           FileSystem& files)
    : options_(options),
      files_(files),
      parts_(load(folder, options, files)),
      capabilities_(parts_.blueprint.capabilities.value_or(parts_.family->info.capabilities)),
      image_reader_(models::make_image_reader(parts_, {}, files)),
      text_reader_(parts_.tokenizer, parts_.blueprint.vocabulary_size),
      device_(torch::cuda::is_available() ? at::kCUDA : at::kCPU) {
  if ((wants_embeddings(options.task) && !embeds()) || (wants_match(options.task) && !matches())) {
    fail(ErrorCode::kUnsupported, "{}: a model of the family {} {}; --task {} is not for it", folder.string(),
         parts_.family->info.name, embeds() ? "cannot match" : "cannot embed", to_string(options.task));
  }
  if (wants_factors(options) && !factor_scale().defined()) {
    fail(ErrorCode::kUnsupported,
         "{}: the match of the family {} has no part that a text and a picture bring apart; --match-loss "
         "factors is for the family tandem",
         folder.string(), parts_.family->info.name);
  }
  make_heads(options.seed);
  models::Network& network = *parts_.blueprint.network;
  nn::set_dropout(network, options.dropout);
  network.to(device_);
  freeze();
  set_training(false);
  own_scale_ = torch::full({}, std::log(options.scale), at::TensorOptions(device_));
  const bool scaled = options.loss == EmbeddingLoss::kInfoNce || options.loss == EmbeddingLoss::kSigmoid ||
                      options.distill_steps > 0;
  if (options.learn_scale && scaled) own_scale_.requires_grad_(true);
}

void TrainedModel::make_heads(std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  auto parameters = parts_.blueprint.network->named_parameters();
  std::uint64_t number = 0;
  for (const std::string& name : parts_.loader.missing()) {
    Random random = random_for(seed, Draw::kHeads, number++);
    parameters[name].copy_(first_value(name, parameters[name], options_.scale, random));
  }
}

void TrainedModel::freeze() {
  std::vector<std::string> frozen = options_.freeze;
  if (options_.freeze_tower) {
    const auto tower = network().tower();
    if (tower.empty()) {
      fail(ErrorCode::kUnsupported, "{}: a model of the family {} has no tower that could stay as it is",
           parts_.folder.path.string(), parts_.family->info.name);
    }
    for (const std::string& beginning : tower) frozen.push_back(beginning + "*");
  }
  for (const std::string& pattern : options_.freeze) {
    const auto fits = [&](const auto& item) { return checkpoint::matches_pattern(pattern, item.key()); };
    if (std::ranges::none_of(network().named_parameters(), fits)) {
      fail(ErrorCode::kInvalidArgument, "freeze: no parameter is called \"{}\"; among them are {} ...",
           pattern, network().named_parameters().front().key());
    }
  }
  for (auto& item : parts_.blueprint.network->named_parameters()) {
    if (checkpoint::matches_any(frozen, item.key())) item.value().requires_grad_(false);
  }
}

std::string TrainedModel::fingerprint() const {
  Fingerprint fingerprint;
  fingerprint.update(parts_.weights_fingerprint);
  fingerprint.update(parts_.folder.config.dump());
  fingerprint.update(image_reader_->fingerprint());
  return fingerprint.hex();
}

std::string TrainedModel::tower_fingerprint() const {
  Fingerprint fingerprint;
  const auto tower = network().tower();
  for (const auto& item : network().named_parameters()) {
    const auto is_of_tower = [&](const std::string& beginning) { return item.key().starts_with(beginning); };
    if (std::ranges::none_of(tower, is_of_tower)) continue;
    const at::Tensor values = item.value().detach().to(at::kCPU).contiguous();
    fingerprint.update(item.key());
    fingerprint.update({static_cast<const std::byte*>(values.data_ptr()), values.nbytes()});
  }
  // Of the match, which may be added or changed behind the same tower.
  json config = json::parse(parts_.folder.config.dump());
  for (const char* of_match : {kFactors, kHubness, "match_layers", "match_precision"}) config.erase(of_match);
  fingerprint.update(config.dump());
  fingerprint.update(image_reader_->fingerprint());
  return fingerprint.hex();
}

at::Tensor TrainedModel::scale() const {
  const at::Tensor family = network().contrastive_scale();
  return (family.defined() && options_.learn_scale ? family : own_scale_).exp();
}

at::Tensor TrainedModel::bias() const {
  return options_.learn_scale ? network().contrastive_bias() : at::Tensor();
}

void TrainedModel::clear_loss_gradients() const {
  for (const at::Tensor& parameter :
       {own_scale_, network().contrastive_scale(), network().contrastive_bias(), factor_scale()}) {
    if (parameter.defined() && parameter.grad().defined()) parameter.mutable_grad().zero_();
  }
}

void TrainedModel::set_training(bool training) {
  models::Network& network = *parts_.blueprint.network;
  network.train(training);
  if (!options_.freeze_tower) return;
  // What does not learn does not drop either.
  for (const std::string& beginning : network.tower()) {
    for (const auto& module : network.named_modules()) {
      if ((module.key() + ".").starts_with(beginning)) module.value()->eval();
    }
  }
}

at::Tensor TrainedModel::on_device(const at::Tensor& tensor) const {
  return tensor.defined() ? tensor.to(device_) : tensor;
}

models::ImageBatch TrainedModel::on_device(const models::ImageBatch& batch) const {
  return {.pixels = on_device(batch.pixels),
          .features = on_device(batch.features),
          .boxes = on_device(batch.boxes),
          .text = on_device(batch.text),
          .without_tags = on_device(batch.without_tags)};
}

std::vector<models::TextGroup> TrainedModel::group(std::span<const TokenIds> texts) const {
  std::vector<models::TextGroup> groups = text_reader_.group(texts);
  for (models::TextGroup& group : groups) group.ids = on_device(group.ids);
  return groups;
}

at::Tensor TrainedModel::embed_texts(std::span<const TokenIds> texts) const {
  return network().embed_text_groups(group(texts)).to(at::kFloat);
}

EncodedImages TrainedModel::encode_images(std::span<const models::ImageGroup> groups,
                                          ImageOutputs outputs) const {
  std::size_t count = 0;
  for (const models::ImageGroup& group : groups) count += group.members.size();
  EncodedImages encoded;
  if (outputs.tokens) encoded.tokens.resize(count);
  std::vector<at::Tensor> rows;
  for (const auto& [members, batch] : groups) {
    const models::ImageStates states = network().encode_images(on_device(batch), outputs);
    if (outputs.embedding) rows.push_back(states.embeddings.to(at::kFloat));
    if (!outputs.tokens) continue;
    const std::vector<at::Tensor> tokens = models::tokens_of(states);
    for (std::size_t i = 0; i < members.size(); ++i) encoded.tokens[members[i]] = tokens[i];
  }
  if (outputs.embedding) encoded.embeddings = models::in_order(groups, rows);
  return encoded;
}

at::Tensor TrainedModel::match(std::span<const TokenIds> texts, std::span<const at::Tensor> image_tokens,
                               std::span<const Pair> pairs) const {
  std::vector<MatchPair> places;
  for (const Pair& pair : pairs) places.push_back({pair.caption, pair.image});
  return network().match_pairs(group(texts), image_tokens, places).to(at::kFloat);
}

at::Tensor TrainedModel::text_factors(std::span<const TokenIds> texts) const {
  return network().text_factors(group(texts)).to(at::kFloat);
}

at::Tensor TrainedModel::image_factors(std::span<const models::ImageGroup> groups) const {
  std::vector<at::Tensor> rows;
  for (const models::ImageGroup& group : groups) {
    rows.push_back(network().image_factors(on_device(group.batch)).to(at::kFloat));
  }
  return models::in_order(groups, rows);
}

void TrainedModel::keep_texts(std::span<const TokenIds> texts) {
  for (const models::TextGroup& group : group(texts)) parts_.blueprint.network->keep_text_states(group.ids);
}

void TrainedModel::set_hubness(MatrixView centres, std::span<const float> log_shares) {
  // Copied there; from_blob() wants what it could write to.
  const auto tensor = [](std::span<const float> values, at::IntArrayRef shape) {
    return torch::from_blob(const_cast<float*>(values.data()), shape);
  };
  const auto rows = static_cast<std::int64_t>(centres.rows());
  parts_.blueprint.network->set_hubness(
      tensor({centres.data(), centres.size()}, {rows, static_cast<std::int64_t>(centres.columns())}),
      tensor(log_shares, {rows}));
}

double TrainedModel::rate_factor(const std::string& name) const {
  double factor = std::ranges::find(parts_.loader.missing(), name) != parts_.loader.missing().end()
                      ? options_.new_rate
                      : 1;
  if (network().part_of(name) == models::Part::kTower) factor *= options_.tower_rate;
  if (options_.layer_decay == 1) return factor;
  // How far below the last layer of its stack; embeddings are below all layers.
  std::map<std::string, int> layers;
  for (const auto& item : network().named_parameters()) {
    const std::string stack = item.key().substr(0, item.key().find('.'));
    layers[stack] = std::max(layers[stack], layer_number(item.key()).value_or(-1) + 1);
  }
  int deepest = 0;
  for (const auto& [stack, count] : layers) deepest = std::max(deepest, count);
  const auto number = layer_number(name);
  const std::string stack = name.substr(0, name.find('.'));
  if (number) return factor * std::pow(options_.layer_decay, layers[stack] - 1 - *number);
  if (is_below_layers(name)) return factor * std::pow(options_.layer_decay, layers[stack]);
  const bool embedding =
      name.starts_with("words") || name.starts_with("positions") || name.starts_with("segments");
  return embedding ? factor * std::pow(options_.layer_decay, deepest) : factor;
}

std::vector<TrainedParameter> TrainedModel::trained_parameters() const {
  std::vector<TrainedParameter> trained;
  for (const auto& item : network().named_parameters()) {
    if (!item.value().requires_grad()) continue;
    // The names of the checkpoint decide in the reference; here a norm is called so.
    const bool decays = !item.key().ends_with("bias") && !is_norm(item.key()) && item.value().dim() > 0;
    trained.push_back({.name = item.key(),
                       .value = item.value(),
                       .rate_factor = rate_factor(item.key()),
                       .decays = decays});
  }
  if (own_scale_.requires_grad() && !network().contrastive_scale().defined()) {
    trained.push_back({.name = "training.scale", .value = own_scale_, .rate_factor = 1, .decays = false});
  }
  return trained;
}

void TrainedModel::save(const std::filesystem::path& folder) const {
  // It was fitted to other weights.
  files_.remove(folder / checkpoint::kCalibrationFile);
  models::save_model(parts_, folder, {}, files_);
}

}  // namespace tandem::training
