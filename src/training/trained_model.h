// A model that is being trained: its network, and batches of any lengths through it, with gradients.
//
// For one thread.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/file_system.h"
#include "models/image_reader.h"
#include "models/load_parts.h"
#include "models/text_reader.h"
#include "tandem/training.h"
#include "training/adamw.h"

namespace tandem::training {

// Pictures through the network, in the order of their members.
struct EncodedImages {
  at::Tensor embeddings;           // pictures × embeddings each × width
  std::vector<at::Tensor> tokens;  // of each picture: rows × width
};

// A caption with a picture, as places in lists.
struct Pair {
  std::size_t caption = 0;
  std::size_t image = 0;
  bool operator==(const Pair&) const = default;
};

class TrainedModel {
 public:
  // Heads that the task needs and the checkpoint lacks are made anew, from the seed. Throws what
  // Model::load() throws; Unsupported where the family has no such head, or no tower to freeze.
  TrainedModel(const std::filesystem::path& folder, const TrainingOptions& options, FileSystem& files);

  const models::Network& network() const { return *parts_.blueprint.network; }
  const models::ImageReader& image_reader() const { return *image_reader_; }
  const Tokenizer& tokenizer() const { return *parts_.tokenizer; }
  // Names of parameters that were made anew, as they are called here.
  const std::vector<std::string>& new_parameters() const { return parts_.loader.missing(); }
  bool embeds() const { return capabilities_.embed_text && capabilities_.embed_image; }
  bool matches() const { return capabilities_.match; }
  at::Device device() const { return device_; }
  // Of weights, configuration and tokenizer as they were loaded, hex.
  std::string fingerprint() const;
  // Of what a frozen tower gives, so that trainings which begin with different heads can share it.
  std::string tower_fingerprint() const;

  // The factor of cosines in contrastive losses, and what is added: parameters where they are learnt.
  at::Tensor scale() const;
  at::Tensor bias() const;  // undefined where the family has none
  // The factor of cosines in that part of the match which MatchLoss::kFactors trains; may be undefined.
  at::Tensor factor_scale() const { return network().match_factor_scale(); }
  // Forgets the gradients of these three.
  void clear_loss_gradients() const;

  // Whether values are dropped; at first they are not. Never in a frozen tower.
  void set_training(bool training);

  // texts × width.
  at::Tensor embed_texts(std::span<const TokenIds> texts) const;
  EncodedImages encode_images(std::span<const models::ImageGroup> groups, ImageOutputs outputs) const;
  // Logits of the pairs, in order. All texts are read: give those of the pairs alone.
  at::Tensor match(std::span<const TokenIds> texts, std::span<const at::Tensor> image_tokens,
                   std::span<const Pair> pairs) const;

  // For MatchLoss::kFactors: texts × width, pictures × width.
  at::Tensor text_factors(std::span<const TokenIds> texts) const;
  at::Tensor image_factors(std::span<const models::ImageGroup> groups) const;
  // Texts, bos and eos included, that are read often: see Network::keep_text_states().
  void keep_texts(std::span<const TokenIds> texts);

  // Of as many pictures as centres have members: centres × width, and the logarithm of each one's share.
  void set_hubness(MatrixView centres, std::span<const float> log_shares);

  bool is_training() const { return network().is_training(); }

  // What is trained, with rates and decay as the options say.
  std::vector<TrainedParameter> trained_parameters() const;
  // A folder that Model::load() takes.
  void save(const std::filesystem::path& folder) const;

 private:
  void make_heads(std::uint64_t seed);
  void freeze();
  double rate_factor(const std::string& name) const;
  std::vector<models::TextGroup> group(std::span<const TokenIds> texts) const;
  at::Tensor on_device(const at::Tensor& tensor) const;
  models::ImageBatch on_device(const models::ImageBatch& batch) const;

  TrainingOptions options_;
  FileSystem& files_;
  models::LoadedParts parts_;
  Capabilities capabilities_;
  std::unique_ptr<const models::ImageReader> image_reader_;
  models::TextReader text_reader_;
  at::Device device_;
  at::Tensor own_scale_;  // a logarithm, where the family has none
};

// While it lives nothing is dropped in the model, and no gradients are kept.
class Evaluating {
 public:
  explicit Evaluating(TrainedModel& model) : model_(model), was_training_(model.is_training()) {
    model_.set_training(false);
  }
  ~Evaluating() { model_.set_training(was_training_); }
  Evaluating(const Evaluating&) = delete;
  Evaluating& operator=(const Evaluating&) = delete;

 private:
  at::NoGradGuard no_grad_;
  TrainedModel& model_;
  bool was_training_;
};

}  // namespace tandem::training
