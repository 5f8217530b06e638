#include "cli/train_report.h"

#include <fmt/format.h>

#include "cli/output.h"

namespace tandem::cli {
namespace {

std::string losses_text(const TrainingRound& round) {
  std::string text;
  for (const auto& [task, loss] : round.losses) text += fmt::format(", {} {:.4f}", task, loss);
  return text;
}

}  // namespace

void TrainingDisplay::on_round(const TrainingRound& round) {
  display_.show(round.round, options_.rounds,
                fmt::format("round {} of {}{}, rate {:.2g}, {:.0f} pairs per second, {} left", round.round,
                            options_.rounds, losses_text(round), round.rate, round.pairs_per_second,
                            duration_text(round.seconds_left)));
}

void TrainingDisplay::on_evaluation(const TrainingEvaluation& evaluation) {
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

void TrainingDisplay::on_progress(const std::string& what, std::size_t done, std::size_t total) {
  if (what != stage_.what || done < stage_.first) stage_ = {what, done, Clock::now()};
  display_.show(done, total, fmt::format("{}: {} of {}{}", what, done, total, left(done, total)));
}

void TrainingDisplay::on_note(const std::string& note) {
  display_.clear();
  if (!context_.common.quiet) print_note(note);
}

std::string TrainingDisplay::left(std::size_t done, std::size_t total) const {
  if (done == stage_.first) return {};
  const std::chrono::duration<double> passed = Clock::now() - stage_.begun;
  const double each = passed.count() / static_cast<double>(done - stage_.first);
  return ", " + duration_text(each * static_cast<double>(total - done)) + " left";
}

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

}  // namespace tandem::cli
