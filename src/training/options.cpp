// The options of a training: their names, their bounds, and as JSON.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "checkpoint/json.h"
#include "core/fail.h"
#include "tandem/training.h"

namespace tandem {
namespace {

using nlohmann::json;

template <typename Value>
struct Named {
  Value value;
  const char* name;
};

constexpr Named<TrainingTask> kTasks[] = {
    {TrainingTask::kEmb, "emb"}, {TrainingTask::kCe, "ce"}, {TrainingTask::kJoint, "joint"}};
constexpr Named<EmbeddingLoss> kLosses[] = {{EmbeddingLoss::kTriplet, "triplet"},
                                            {EmbeddingLoss::kInfoNce, "infonce"},
                                            {EmbeddingLoss::kNtXent, "ntxent"},
                                            {EmbeddingLoss::kSigmoid, "sigmoid"}};
constexpr Named<MatchLoss> kMatchLosses[] = {
    {MatchLoss::kBinary, "binary"}, {MatchLoss::kListwise, "listwise"}, {MatchLoss::kFactors, "factors"}};
constexpr Named<DistillationLoss> kDistillations[] = {{DistillationLoss::kKl, "kl"},
                                                      {DistillationLoss::kMarginMse, "margin_mse"}};
constexpr Named<Optimiser> kOptimisers[] = {{Optimiser::kAdamW, "adamw"},
                                            {Optimiser::kAdamWPaper, "adamw_paper"}};
constexpr Named<RateSchedule> kSchedules[] = {{RateSchedule::kConstant, "constant"},
                                              {RateSchedule::kLinear, "linear"},
                                              {RateSchedule::kCosine, "cosine"}};

template <typename Value>
std::span<const Named<Value>> names_of() {
  if constexpr (std::is_same_v<Value, TrainingTask>) return kTasks;
  if constexpr (std::is_same_v<Value, EmbeddingLoss>) return kLosses;
  if constexpr (std::is_same_v<Value, MatchLoss>) return kMatchLosses;
  if constexpr (std::is_same_v<Value, DistillationLoss>) return kDistillations;
  if constexpr (std::is_same_v<Value, Optimiser>) return kOptimisers;
  if constexpr (std::is_same_v<Value, RateSchedule>) return kSchedules;
}

template <typename Value>
const char* name_of(Value value) noexcept {
  for (const auto& named : names_of<Value>()) {
    if (named.value == value) return named.name;
  }
  return "";
}

template <typename Value>
Value value_of(const std::string& name) {
  std::string known;
  for (const auto& named : names_of<Value>()) {
    if (name == named.name) return named.value;
    known += (known.empty() ? "" : ", ") + std::string(named.name);
  }
  fail(ErrorCode::kInvalidArgument, "\"{}\" is none of {}", name, known);
}

// Calls visit(name, field, what it is) for every option, in the order in which they are written.
template <typename Options, typename Visit>
void for_each_field(Options&& o, Visit visit) {
  visit("task", o.task, "emb, ce or joint: what is trained");
  visit("rounds", o.rounds, "rounds; each has an optimiser step of each of its tasks");
  visit("emb_steps", o.emb_steps, "steps of the embedding loss in a round");
  visit("ce_steps", o.ce_steps, "steps of the matching loss in a round");
  visit("mined_steps", o.mined_steps, "steps of the triplet loss with mined negatives in a round");
  visit("distill_steps", o.distill_steps, "steps in a round that teach the embedding what the match says");
  visit("batch_size", o.batch_size, "pairs of the embedding loss");
  visit("ce_batch_size", o.ce_batch_size, "right pairs of the matching loss; 0: batch_size");
  visit("mined_batch_size", o.mined_batch_size, "pairs of the triplet loss with mined negatives");
  visit("mined_negatives", o.mined_negatives, "wrong pictures and captions for each of these");
  visit("chunk", o.chunk, "pairs that are computed at once, for less memory; 0: all");
  visit("loss", o.loss, "triplet, infonce, ntxent or sigmoid");
  visit("margin", o.margin, "of the triplet losses, in cosine");
  visit("scale", o.scale, "factor of cosines, where the model has none of its own");
  visit("learn_scale", o.learn_scale, "whether that factor is learnt");
  visit(
      "match_loss", o.match_loss,
      "binary, listwise or factors: each pair by itself, the right one among its wrong ones, or what a text "
      "and a picture bring to the match apart");
  visit(
      "hubness", o.hubness,
      "centres of the training pictures by which the match is to tell texts that are near to everything; 0: "
      "those that the model has");
  visit("distillation", o.distillation, "kl or margin_mse");
  visit("distill_candidates", o.distill_candidates, "pictures for each caption, the right one among them");
  visit("teacher", o.teacher, "a model that matches; empty: the one that is trained");
  visit("negatives.each", o.negatives.each, "wrong pairs for each right one");
  visit("negatives.in_batch", o.negatives.in_batch,
        "share of them that is drawn from the batch, the nearer the likelier");
  visit("negatives.mined", o.negatives.mined,
        "share that is drawn from the nearest wrong ones of the whole set");
  visit("negatives.ramp", o.negatives.ramp, "rounds over which these shares grow from 0");
  visit("negatives.mine_from", o.negatives.mine_from, "nearest wrong ones that are kept of each");
  visit("negatives.mine_every", o.negatives.mine_every, "rounds between two searches for them");
  visit("negatives.duplicate", o.negatives.duplicate, "cosine from which two pictures, or captions, are one");
  visit("optimiser", o.optimiser, "adamw (PyTorch's) or adamw_paper");
  visit("schedule", o.schedule, "constant, linear or cosine, behind the warm-up");
  visit("learning_rate", o.learning_rate, "the highest rate");
  visit("warmup", o.warmup, "rounds over which the rate grows from 0");
  visit("beta1", o.beta1, "decay of the mean of gradients");
  visit("beta2", o.beta2, "decay of the mean of their squares");
  visit("epsilon", o.epsilon, "of the optimiser");
  visit("weight_decay", o.weight_decay, "not of biases and norms");
  visit("clip_norm", o.clip_norm, "of all gradients together; 0: no clipping");
  visit("layer_decay", o.layer_decay, "rate of each layer as a factor of that of the one above");
  visit("tower_rate", o.tower_rate, "factor of the rate for the image tower");
  visit("new_rate", o.new_rate, "factor of the rate for heads that begin anew");
  visit("dropout", o.dropout, "chance that a value is dropped");
  visit("freeze_tower", o.freeze_tower, "leave the image tower as it is; its outputs are computed once");
  visit("freeze", o.freeze, "names of parameters that stay as they are; * is any text");
  visit(
      "keep_texts", o.keep_texts,
      "keep in memory what a frozen text stem makes of captions and tags, instead of computing it each time");
  visit("bf16", o.bf16, "mixed precision");
  visit("languages", o.languages, "of captions to train on; empty: all");
  visit("language_exponent", o.language_exponent,
        "a picture's n captions in a language are drawn from as n to this power; 0: each language alike");
  visit("tags_file", o.tags_file, "object tags of pictures as regions, a line of JSON each; empty: none");
  visit("drop_tags", o.drop_tags, "chance that a picture's object tags are left out");
  visit("augmentation.crop", o.augmentation.crop, "crop pictures at random");
  visit("augmentation.colour", o.augmentation.colour, "jitter of colours, as a factor");
  visit("augmentation.flip", o.augmentation.flip,
        "mirror pictures whose captions do not tell left from right");
  visit("augmentation.views", o.augmentation.views, "looks of each picture that are kept of a frozen tower");
  visit("evaluate_every", o.evaluate_every, "rounds between evaluations; 0: at the end alone");
  visit("dev_pictures", o.dev_pictures, "pictures of the development set that are looked at");
  visit("dev_rerank", o.dev_rerank, "of these, whose captions are reranked too");
  visit("patience", o.patience, "evaluations without a better one after which to stop; 0: never");
  visit("checkpoint_every", o.checkpoint_every,
        "rounds between checkpoints; 0: at evaluations and the end alone");
  visit("seed", o.seed, "of everything that is drawn");
}

template <typename Field>
json to_value(const Field& field) {
  if constexpr (std::is_enum_v<Field>) return name_of(field);
  if constexpr (std::is_same_v<Field, std::filesystem::path>) return field.string();
  if constexpr (!std::is_enum_v<Field> && !std::is_same_v<Field, std::filesystem::path>) return field;
}

// Throws a json exception or InvalidArgument where the value is not one of the field's.
template <typename Field>
void from_value(const json& value, Field& field) {
  if constexpr (std::is_enum_v<Field>) {
    field = value_of<Field>(value.get<std::string>());
  } else if constexpr (std::is_same_v<Field, std::filesystem::path>) {
    field = value.get<std::string>();
  } else if constexpr (std::is_same_v<Field, bool>) {
    if (!value.is_boolean()) fail(ErrorCode::kInvalidArgument, "true or false is wanted");
    field = value.get<bool>();
  } else if constexpr (std::is_integral_v<Field>) {
    if (!value.is_number_unsigned()) fail(ErrorCode::kInvalidArgument, "a whole number from 0 on is wanted");
    field = value.get<Field>();
  } else if constexpr (std::is_floating_point_v<Field>) {
    if (!value.is_number()) fail(ErrorCode::kInvalidArgument, "a number is wanted");
    field = value.get<Field>();
  } else {
    field = value.get<Field>();
  }
}

// {"negatives": {"each": 1}} -> "negatives.each": 1
void flatten(const json& object, const std::string& prefix, json& flat) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      flatten(value, prefix + key + ".", flat);
    } else {
      flat[prefix + key] = value;
    }
  }
}

void require(bool holds, const char* name, const char* wanted) {
  if (!holds) fail(ErrorCode::kInvalidArgument, "training: {} must be {}", name, wanted);
}

bool is_share(double value) { return value >= 0 && value <= 1; }

}  // namespace

const char* to_string(TrainingTask task) noexcept { return name_of(task); }
const char* to_string(EmbeddingLoss loss) noexcept { return name_of(loss); }
const char* to_string(MatchLoss loss) noexcept { return name_of(loss); }
const char* to_string(DistillationLoss loss) noexcept { return name_of(loss); }
const char* to_string(Optimiser optimiser) noexcept { return name_of(optimiser); }
const char* to_string(RateSchedule schedule) noexcept { return name_of(schedule); }

void TrainingOptions::validate() const {
  require(rounds > 0, "rounds", "at least 1");
  require(warmup < rounds, "warmup", "fewer than rounds");
  require(batch_size > 1, "batch_size", "at least 2: the others of a batch are the wrong answers");
  const bool has_emb = task != TrainingTask::kCe && emb_steps + mined_steps + distill_steps > 0;
  const bool has_ce = task != TrainingTask::kEmb && ce_steps > 0;
  require(task == TrainingTask::kCe || has_emb, "emb_steps", "at least 1 for this task");
  require(task == TrainingTask::kEmb || has_ce, "ce_steps", "at least 1 for this task");
  require(distill_steps == 0 || task == TrainingTask::kJoint || !teacher.empty(), "teacher",
          "a model that matches, where task is not joint and distill_steps is not 0");
  require(distill_candidates > 1, "distill_candidates", "at least 2");
  require(margin >= 0 && std::isfinite(margin), "margin", "0 or more");
  require(scale > 0 && std::isfinite(scale), "scale", "above 0");
  require(learning_rate > 0 && std::isfinite(learning_rate), "learning_rate", "above 0");
  require(beta1 >= 0 && beta1 < 1, "beta1", "within [0, 1)");
  require(beta2 >= 0 && beta2 < 1, "beta2", "within [0, 1)");
  require(epsilon > 0, "epsilon", "above 0");
  require(weight_decay >= 0 && std::isfinite(weight_decay), "weight_decay", "0 or more");
  require(clip_norm >= 0, "clip_norm", "0 or more");
  require(layer_decay > 0 && layer_decay <= 1, "layer_decay", "within (0, 1]");
  require(tower_rate > 0 && std::isfinite(tower_rate), "tower_rate", "above 0");
  require(new_rate > 0 && std::isfinite(new_rate), "new_rate", "above 0");
  require(dropout >= 0 && dropout < 1, "dropout", "within [0, 1)");
  require(is_share(language_exponent), "language_exponent", "within [0, 1]");
  require(is_share(drop_tags), "drop_tags", "within [0, 1]");
  require(negatives.each > 0, "negatives.each", "at least 1");
  require(negatives.mine_from > 0, "negatives.mine_from", "at least 1");
  require(negatives.mine_every > 0, "negatives.mine_every", "at least 1");
  require(
      is_share(negatives.in_batch) && is_share(negatives.mined) && negatives.in_batch + negatives.mined <= 1,
      "negatives.in_batch and negatives.mined", "shares that add up to 1 at most");
  require(mined_batch_size > 0 && mined_negatives > 0, "mined_batch_size and mined_negatives", "at least 1");
  require(augmentation.views > 0 && augmentation.views < 0xffff, "augmentation.views", "1 to 65534");
  require(augmentation.colour >= 0 && augmentation.colour <= 1, "augmentation.colour", "within [0, 1]");
  const bool augments = augmentation.crop || augmentation.flip || augmentation.colour > 0;
  require(!augments || !freeze_tower || augmentation.views > 1, "augmentation.views",
          "at least 2 where the tower is frozen: the first look of a picture is as it is");
  require(teacher.empty() || distill_steps > 0, "distill_steps", "at least 1, or a teacher teaches nothing");
  require(dev_pictures > 1, "dev_pictures", "at least 2");
  require(dev_rerank > 0, "dev_rerank", "at least 1");
}

TrainingOptions paper_recipe(TrainingTask task) {
  TrainingOptions options;
  options.task = task;
  options.learning_rate = task == TrainingTask::kEmb ? 2e-5 : 5e-5;
  options.rounds = task == TrainingTask::kCe ? 100'000 : 30'000;
  options.evaluate_every = task == TrainingTask::kJoint ? 2'500 : 5'000;
  return options;
}

TrainingOptions parse_training_options(const std::string& text, const std::string& name,
                                       const TrainingOptions& defaults) {
  constexpr int kDepth = 4;
  const json parsed = checkpoint::parse_json(text, name, kDepth);
  if (!parsed.is_object()) fail(ErrorCode::kBadFormat, "{}: is not a JSON object", name);
  json left = json::object();
  flatten(parsed, "", left);
  TrainingOptions options = defaults;
  for_each_field(options, [&](const char* key, auto& field, const char*) {
    if (!left.contains(key)) return;
    try {
      from_value(left[key], field);
    } catch (const json::exception&) {
      fail(ErrorCode::kBadFormat, "{}: {}: found {}, which is of another type", name, key, left[key].dump());
    } catch (const Error& error) {
      fail(ErrorCode::kBadFormat, "{}: {}: found {}; {}", name, key, left[key].dump(), error.what());
    }
    left.erase(key);
  });
  if (!left.empty()) {
    fail(ErrorCode::kBadFormat, "{}: there is no option \"{}\"", name, left.begin().key());
  }
  return options;
}

std::vector<TrainingOptionInfo> training_option_infos() {
  std::vector<TrainingOptionInfo> infos;
  for_each_field(TrainingOptions{}, [&](const char* key, const auto& field, const char* help) {
    infos.push_back({key, help, to_value(field).dump()});
  });
  return infos;
}

std::string to_json(const TrainingOptions& options) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for_each_field(options, [&](const std::string& key, const auto& field, const char*) {
    const std::size_t dot = key.find('.');
    auto& place = dot == key.npos ? all[key] : all[key.substr(0, dot)][key.substr(dot + 1)];
    place = to_value(field);
  });
  return all.dump(2) + '\n';
}

}  // namespace tandem
