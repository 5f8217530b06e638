// What a training reads: pictures and captions of a dataset in the way of one model.
//
// For one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "training/pictures.h"
#include "training/training_set.h"

namespace tandem::training {

// What is the same for all data of a training.
struct SourceContext {
  const TrainingOptions& options;
  std::filesystem::path folder;  // for what a frozen tower gives
  FileSystem& files;
  TrainingObserver& observer;
  std::stop_token stop;
};

// From the files, or from a frozen tower's rows where there is one.
std::unique_ptr<Pictures> open_pictures(const Dataset& dataset, const TrainedModel& model,
                                        const SourceContext& context);

// As it is: no augmentation, all tags.
TrainingOptions without_augmentation(TrainingOptions options);

// The first `count` pictures that have a caption in the languages (none: in any), with all of their captions.
Dataset first_pictures(const Dataset& data, const std::vector<std::string>& languages, std::size_t count);

// Of pictures' ids and sizes in bytes and of captions, hex.
std::string fingerprint_of(const Dataset& dataset, const FileSystem& files);

// Another model that reads the same data, to be learnt from.
class Teacher {
 public:
  // options.teacher. Throws what Model::load() throws; Unsupported where it cannot match.
  Teacher(const Dataset& dataset, const SourceContext& context);

  TrainedModel& model() { return model_; }
  const Pictures& pictures() const { return *pictures_; }
  std::span<const TokenIds> captions() const { return captions_; }

 private:
  TrainingOptions options_;
  TrainedModel model_;
  std::unique_ptr<Pictures> pictures_;
  std::vector<TokenIds> captions_;
};

}  // namespace tandem::training
