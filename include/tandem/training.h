// Fine-tuning a pretrained model for retrieval: the bi-encoder, the cross-encoder, or both at once with the
// same weights (EMB, CE and JOINT in Geigle et al., TACL 2022, doi 10.1162/tacl_a_00473).
//
// A Trainer is for one thread. Training is deterministic: the same data, options and seed give the same
// weights on the same machine with the same number of threads, whether or not it was interrupted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "tandem/datasets.h"
#include "tandem/model.h"

namespace tandem {

enum class TrainingTask { kEmb, kCe, kJoint };

// Of the embeddings of B captions with B pictures.
enum class EmbeddingLoss {
  kTriplet,  // hinge over the hardest negatives of the batch, by cosine (Geigle et al.; Faghri et al., 2018)
  kInfoNce,  // symmetric cross-entropy over the batch (Radford et al., 2021)
  kNtXent,   // its half: each picture among all captions, with a fixed scale (the paper's code)
  kSigmoid,  // every pair by itself (SigLIP; Zhai et al., ICCV 2023)
};

// Of the match of right and wrong pairs.
enum class MatchLoss {
  kBinary,    // each pair by itself: two classes (the paper's)
  kListwise,  // each right pair among its own negatives (Gao et al., ECIR 2021): orders, but its logits are
              // no log-odds until they are calibrated
  kFactors,   // of the family `tandem`: the part of the match that is the cosine of a vector of the text and
              // one of the picture, alone, over all pairs of a batch as kInfoNce does
};

// Teaching the embeddings what the match says of the hardest pairs of a batch.
enum class DistillationLoss { kKl, kMarginMse };

enum class Optimiser {
  kAdamW,       // PyTorch's: decay first, epsilon added to the corrected root
  kAdamWPaper,  // that of older transformers libraries, which the paper used: epsilon added to the raw root
};
enum class RateSchedule { kConstant, kLinear, kCosine };

const char* to_string(TrainingTask task) noexcept;      // "emb", "ce", "joint"
const char* to_string(EmbeddingLoss loss) noexcept;     // "triplet", "infonce", "ntxent", "sigmoid"
const char* to_string(MatchLoss loss) noexcept;         // "binary", "listwise", "factors"
const char* to_string(DistillationLoss loss) noexcept;  // "kl", "margin_mse"
const char* to_string(Optimiser optimiser) noexcept;    // "adamw", "adamw_paper"
const char* to_string(RateSchedule schedule) noexcept;  // "constant", "linear", "cosine"

// Wrong pictures and captions for the cross-encoder. Shares are of the negatives that are not random.
struct NegativeOptions {
  std::size_t each = 1;  // negatives for each positive pair, by turns another caption or another picture
  double in_batch = 0;   // share drawn from the same batch by the softmax of scaled cosines
  double mined = 0;      // share drawn from the nearest wrong ones in the whole training set (as ANCE)
  std::size_t ramp = 0;  // rounds over which both shares grow from 0: a head that knows nothing learns
                         // nothing from hard ones
  std::size_t mine_from = 50;     // so many nearest wrong ones are kept of each
  std::size_t mine_every = 1000;  // rounds between two searches for them
  double duplicate = 0.95;        // captions, and pictures, as similar as this are one: never negatives
};

struct AugmentationOptions {
  bool crop = false;      // random resized crop of 60 to 100 % of the area
  double colour = 0;      // jitter of brightness, contrast and saturation, by up to this factor
  bool flip = false;      // left and right, where no caption of the picture tells them apart
  std::size_t views = 1;  // of each picture that are kept of a frozen tower; the first is the plain one
};

struct TrainingOptions {
  TrainingTask task = TrainingTask::kJoint;

  // A round is an optimiser step of each of its tasks, by turns. Rates fall once a round.
  std::size_t rounds = 30'000;
  std::size_t emb_steps = 1;          // of the embedding loss in a round, but for kCe
  std::size_t ce_steps = 1;           // of the matching loss in a round, but for kEmb
  std::size_t mined_steps = 0;        // of the triplet loss with mined negatives in a round, but for kCe
  std::size_t distill_steps = 0;      // of distillation in a round, but for kCe
  std::size_t batch_size = 128;       // pairs of the embedding loss
  std::size_t ce_batch_size = 0;      // positives of the matching loss; 0: batch_size
  std::size_t mined_batch_size = 16;  // pairs of the triplet loss with mined negatives
  std::size_t mined_negatives = 7;    // wrong pictures and captions for each of these
  std::size_t chunk = 0;  // pairs that are computed at once; 0: all. Gradients are those of the whole batch
                          // (gradient cache; Gao et al., 2021)

  EmbeddingLoss loss = EmbeddingLoss::kTriplet;
  double margin = 0.1;      // of kTriplet, in cosine
  double scale = 20;        // of cosines: kNtXent; where another loss has none of its own
  bool learn_scale = true;  // kInfoNce, kSigmoid
  MatchLoss match_loss = MatchLoss::kBinary;
  // Centres of the pictures of training, by which the match tells a text that is near to everything (family
  // tandem); the model is given them where it has none. 0: as it has it. They are found before each
  // evaluation.
  std::size_t hubness = 0;
  DistillationLoss distillation = DistillationLoss::kKl;
  std::size_t distill_candidates = 8;  // pictures for each caption, the right one among them
  std::filesystem::path teacher = {};  // a model that matches; empty: the one that is trained
  NegativeOptions negatives;

  Optimiser optimiser = Optimiser::kAdamWPaper;
  RateSchedule schedule = RateSchedule::kLinear;
  double learning_rate = 5e-5;
  std::size_t warmup = 0;  // rounds over which the rate grows from 0
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-6;
  double weight_decay = 0.05;  // not of biases and layer norms
  double clip_norm = 1;        // of all gradients together; 0: no clipping
  double layer_decay = 1;      // rate of each layer, as a factor of that of the layer above it
  double tower_rate = 1;       // factor for the image tower
  double new_rate = 1;         // factor for heads that the checkpoint lacked
  double dropout = 0.1;
  bool freeze_tower = false;        // leave the image tower as it is; its outputs are kept on disk
  std::vector<std::string> freeze;  // names of parameters that stay as they are; * is any text
  bool keep_texts = false;          // what a frozen text stem makes of captions and tags is computed once and
                                    // kept in memory, 4 bytes times width a token
  bool bf16 = false;                // mixed precision

  std::vector<std::string> languages;  // of captions to train on; empty: all
  // A picture's n captions in a language are drawn from with a chance in proportion to n to this power (as
  // Conneau et al., ACL 2020, sample languages). 0: each language alike; 1: each caption alike.
  double language_exponent = 0;
  // Of pictures as regions: their object tags (OSCAR), as read_tags() reads them; empty: none.
  std::filesystem::path tags_file = {};
  double drop_tags = 0;  // chance that a picture's object tags are left out in a step
  AugmentationOptions augmentation;

  std::size_t evaluate_every = 2500;   // rounds; 0: at the end alone
  std::size_t dev_pictures = 1000;     // of the development set that are looked at
  std::size_t dev_rerank = 100;        // of these, whose captions are reranked or matched with all
  std::size_t patience = 0;            // evaluations without a better one after which to stop; 0: never
  std::size_t checkpoint_every = 500;  // rounds; also on a stop, and at the end
  std::uint64_t seed = 123456789;

  // Throws InvalidArgument, saying how to mend it.
  void validate() const;
};

// The paper's recipe for a task: rates and rounds as published.
TrainingOptions paper_recipe(TrainingTask task);

// From JSON, with the names of the fields above; what is not named stays as in `defaults`. Throws BadFormat,
// naming the field, for unknown names and wrong types.
TrainingOptions parse_training_options(const std::string& json, const std::string& name,
                                       const TrainingOptions& defaults = {});
std::string to_json(const TrainingOptions& options);

// An option by the name that JSON has for it ("negatives.each": in the object "negatives").
struct TrainingOptionInfo {
  std::string name;
  std::string help;   // one line
  std::string value;  // the default, as JSON
};
std::vector<TrainingOptionInfo> training_option_infos();

struct TrainingRound {
  std::size_t round = 0;                 // from 1
  std::map<std::string, double> losses;  // by task: "emb", "ce", "distill"; means over its steps
  double rate = 0;
  double gradient_norm = 0;  // before clipping; the largest of its steps
  double pairs_per_second = 0;
  double seconds_left = 0;
};

struct TrainingEvaluation {
  std::size_t round = 0;                  // 0: of the model that the training begins with
  double score = 0;                       // what the best model is chosen by
  std::map<std::string, double> metrics;  // "emb_mean_recall", "emb_t2i_r1", "coop_t2i_r1", ...
  bool best = false;
};

class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void on_round(const TrainingRound&) {}
  virtual void on_evaluation(const TrainingEvaluation&) {}
  // Work before or between rounds: "pictures read", so many of so many.
  virtual void on_progress(const std::string&, std::size_t, std::size_t) {}
  // Something to be told once: how much data there is, heads that are new, data that is left out.
  virtual void on_note(const std::string&) {}
};

struct TrainingResult {
  std::size_t rounds = 0;      // done, over all runs
  std::size_t best_round = 0;  // 0: none was evaluated yet, and there is no model
  double best_score = 0;
  std::optional<double> start_score;  // of the model that it began with; nothing: stopped before
  bool finished = false;              // false: stopped, and can be gone on with
  bool stopped_early = false;         // patience was at its end
  std::filesystem::path model;        // the best model's folder
};

class Trainer {
 public:
  // `model`: a folder as Model::load() takes it; heads that the task needs and the checkpoint lacks are made
  // anew. Throws what Model::load() throws; Unsupported where the family has no such head.
  Trainer(std::filesystem::path model, TrainingOptions options);

  // Trains on `train`, chooses by `dev`, and writes to the folder `out`: `model/`, the best so far;
  // `checkpoint.safetensors`, from which the same call goes on; `metrics.jsonl` and event files of
  // TensorBoard; `train.json`, the options. Throws InvalidArgument for data without pairs, and where `out`
  // has a training of other options, or files of something else; Backend, naming round and captions, for a
  // loss that is not finite.
  TrainingResult run(const Dataset& train, const Dataset& dev, const std::filesystem::path& out,
                     TrainingObserver* observer = nullptr, std::stop_token stop = {});

 private:
  std::filesystem::path model_;
  TrainingOptions options_;
};

}  // namespace tandem
