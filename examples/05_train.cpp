// Trains a model further on pictures with captions:  05_train DATA OUT [ROUNDS]
//
// DATA names a split for each picture: it learns from "train" and is measured on "dev". OUT/model is the best
// so far, which Model::load() takes. Run it again after a stop: it goes on where it was.
#include <tandem/tandem.h>

#include <iostream>
#include <string>

namespace {

class Printer final : public tandem::TrainingObserver {
 public:
  void on_round(const tandem::TrainingRound& round) override {
    std::cout << "round " << round.round << ": loss " << round.losses.at("emb") << '\n';
  }
  void on_evaluation(const tandem::TrainingEvaluation& evaluation) override {
    std::cout << "recall at 1 of the development set: " << evaluation.metrics.at("emb_t2i_r1") << '\n';
  }
  void on_note(const std::string& note) override { std::cout << note << '\n'; }
};

tandem::Dataset load(const char* data, const std::string& split) {
  tandem::DatasetOptions options;
  options.split = split;
  return tandem::load_dataset(data, options).dataset;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    throw tandem::Error(tandem::ErrorCode::kInvalidArgument, "usage: 05_train DATA OUT [ROUNDS]");
  }
  tandem::TrainingOptions options = tandem::paper_recipe(tandem::TrainingTask::kEmb);
  options.loss = tandem::EmbeddingLoss::kInfoNce;
  options.freeze_tower = true;  // each picture goes through it once
  options.rounds = argc > 3 ? std::stoul(argv[3]) : 1000;
  options.evaluate_every = 100;

  tandem::Trainer trainer(tandem::default_model_folder(), options);
  Printer printer;
  const auto result = trainer.run(load(argv[1], "train"), load(argv[1], "dev"), argv[2], &printer);
  std::cout << result.rounds << " rounds; the best model is " << result.model.string() << '\n';
} catch (const tandem::Error& error) {
  std::cerr << error.what() << '\n';
  return tandem::exit_status(error.code());
}
