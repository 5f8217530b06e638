#include "training/loop.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/clock.h"
#include "core/fail.h"
#include "models/library_errors.h"
#include "training/hubness.h"
#include "training/schedule.h"

namespace tandem::training {
namespace {

double seconds_now() { return static_cast<double>(Clock::system().monotonic_ns()) * 1e-9; }

}  // namespace

Loop::Loop(const LoopContext& context)
    : context_(context),
      options_(context.options),
      optimiser_(context.model.trained_parameters(), context.options) {
  if (optimiser_.parameters().empty()) {
    fail(ErrorCode::kInvalidArgument, "training: everything is frozen; leave something to learn");
  }
  auto state = load_state(state_file(), optimiser_, context.identity, context.files);
  if (state) state_ = *std::move(state);
  saved_round_ = state_.round;
  if (is_first()) records_.emplace(context.folder, state_.round, state_.evaluated_round, context.files);
}

TrainingResult Loop::run() {
  context_.model.set_training(true);
  bool complete = false;
  const bool began = score_start();
  while (began) {
    if (evaluation_is_due() && !evaluate()) break;
    complete = state_.round >= options_.rounds || has_patience_run_out();
    // One stops with the others, or they would wait for it.
    if (complete || context_.processes.any(context_.stop.stop_requested())) break;
    if (wants_mined() && state_.round % options_.negatives.mine_every == 0 && !mine()) break;
    train_round();
    if (options_.checkpoint_every > 0 && state_.round % options_.checkpoint_every == 0) save();
  }
  save();
  return {.rounds = state_.round,
          .best_round = state_.best_round,
          .best_score = state_.best_score,
          .start_score = state_.start_score,
          .finished = complete,
          .stopped_early = complete && state_.round < options_.rounds,
          .model = context_.folder / "model"};
}

bool Loop::evaluation_is_due() const {
  if (state_.round == 0 || state_.evaluated_round == state_.round) return false;
  const bool regular = options_.evaluate_every > 0 && state_.round % options_.evaluate_every == 0;
  return regular || state_.round >= options_.rounds;
}

bool Loop::has_patience_run_out() const { return options_.patience > 0 && state_.worse >= options_.patience; }

bool Loop::wants_mined() const {
  return (options_.task != TrainingTask::kEmb && draws_mined(options_)) ||
         (options_.task != TrainingTask::kCe && options_.mined_steps > 0);
}

bool Loop::mine() {
  const Evaluating evaluating(context_.model);
  try {
    state_.mined =
        mine_negatives(context_.model, context_.pictures, context_.set, options_, context_.watch());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCancelled) throw;
    return false;
  }
  return true;
}

std::optional<TrainingEvaluation> Loop::score() {
  try {
    context_.observer.on_progress("evaluating", 0, 1);
    set_hubness(context_.model, context_.pictures, context_.set, context_.watch());
    TrainingEvaluation evaluation = context_.dev_score(context_.model, context_.watch());
    evaluation.round = state_.round;
    return evaluation;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCancelled) throw;
    return std::nullopt;
  }
}

bool Loop::score_start() {
  if (state_.round > 0 || state_.start_score) return true;
  const auto evaluation = score();
  if (!evaluation) return false;
  state_.start_score = evaluation->score;
  if (is_first()) context_.observer.on_evaluation(*evaluation);
  return true;
}

// Where it was stopped it is done when the training goes on.
bool Loop::evaluate() {
  auto scored = score();
  if (!scored) return false;
  TrainingEvaluation& evaluation = *scored;
  evaluation.best = evaluation.score > state_.best_score;
  state_.evaluated_round = state_.round;
  state_.worse = evaluation.best ? 0 : state_.worse + 1;
  if (evaluation.best) {
    state_.best_round = state_.round;
    state_.best_score = evaluation.score;
  }
  if (!is_first()) return true;
  // The model before the checkpoint: where a kill comes between, both are written again.
  if (evaluation.best) context_.model.save(context_.folder / "model");
  Metrics metrics(evaluation.metrics.begin(), evaluation.metrics.end());
  metrics.emplace_back("score", evaluation.score);
  records_->add("dev", state_.round, metrics);
  saved_round_ = 0;
  save();
  context_.observer.on_evaluation(evaluation);
  return true;
}

// Each task of a round is a step of the optimiser; the rate is that of the round.
void Loop::train_round() {
  const double begun = seconds_now();
  const bool emb = options_.task != TrainingTask::kCe, ce = options_.task != TrainingTask::kEmb;
  TrainingRound round;
  round.round = state_.round + 1;
  round.rate = rate_of(options_, state_.round);
  pairs_ = 0;
  Steps& steps = context_.steps;
  if (emb) do_steps("emb", options_.emb_steps, round, [&](auto step) { return steps.embedding(step); });
  if (ce) {
    const bool factors = options_.match_loss == MatchLoss::kFactors;
    do_steps("ce", options_.ce_steps, round, [&](auto step) {
      return factors ? steps.factors(step) : steps.matching(state_.round, step, state_.mined);
    });
  }
  if (emb) {
    do_steps("mined", options_.mined_steps, round,
             [&](auto step) { return steps.mined_triplet(step, state_.mined); });
    do_steps("distill", options_.distill_steps, round, [&](auto step) { return steps.distillation(step); });
  }
  ++state_.round;
  report(round, seconds_now() - begun);
}

template <typename Step>
void Loop::do_steps(const char* task, std::size_t count, TrainingRound& round, Step step) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double loss = models::with_typed_errors(
        context_.folder.string(), [&] { return step(std::uint64_t{state_.round} * count + i); });
    sum += loss;
    round.gradient_norm = std::max(round.gradient_norm, update(task, loss, round.rate));
    pairs_ += context_.steps.last_pairs();
  }
  if (count > 0) round.losses[task] = sum / static_cast<double>(count);
}

double Loop::update(const char* task, double loss, double rate) {
  if (context_.processes.count() > 1) {
    for (const TrainedParameter& parameter : optimiser_.parameters()) {
      if (parameter.value.grad().defined()) context_.processes.add_up(parameter.value.mutable_grad());
    }
  }
  const double norm = optimiser_.clip_gradients(options_.clip_norm);
  if (!std::isfinite(loss) || !std::isfinite(norm)) {
    fail(ErrorCode::kBackend,
         "training: the {} of the task {} is not finite in round {}, with the captions {}; take a lower "
         "learning rate{}, and another folder for it",
         std::isfinite(loss) ? "gradient" : "loss", task, state_.round + 1, context_.steps.last_batch(),
         options_.bf16 ? ", or leave bf16" : "");
  }
  optimiser_.step(rate);
  optimiser_.zero_gradients();
  return norm;
}

void Loop::report(TrainingRound& round, double seconds) {
  own_seconds_ += seconds;
  ++own_rounds_;
  round.pairs_per_second = static_cast<double>(pairs_) / std::max(seconds, 1e-9);
  round.seconds_left =
      own_seconds_ / static_cast<double>(own_rounds_) * static_cast<double>(options_.rounds - state_.round);
  if (!is_first()) return;
  Metrics metrics(round.losses.begin(), round.losses.end());
  metrics.emplace_back("rate", round.rate);
  metrics.emplace_back("gradient_norm", round.gradient_norm);
  metrics.emplace_back("pairs_per_second", round.pairs_per_second);
  records_->add("train", round.round, metrics);
  context_.observer.on_round(round);
}

void Loop::save() {
  if (!is_first() || saved_round_ == state_.round) return;
  records_->sync();
  save_state(state_file(), state_, optimiser_, context_.identity, context_.files);
  saved_round_ = state_.round;
}

}  // namespace tandem::training
