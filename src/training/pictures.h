// The pictures of a training set, as a network reads them.
//
// For one thread; decoding has threads of its own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "core/file_system.h"
#include "models/image_reader.h"
#include "tandem/training.h"
#include "training/trained_model.h"

namespace tandem::training {

// A picture in one of its looks.
struct View {
  std::size_t image = 0;  // its place in the dataset
  std::size_t view = 0;   // 0: as it is; others: augmented, each number another time
  bool without_tags = false;
  bool operator==(const View&) const = default;
};

class Pictures {
 public:
  virtual ~Pictures() = default;
  // Members of the groups are places in `views`.
  virtual std::vector<models::ImageGroup> read(std::span<const View> views) const = 0;
  // Begins to read what the read() of the same views will give, while the caller computes.
  virtual void read_ahead(std::span<const View>) const {}
  // Whether a picture can be read; those that cannot are left out of training.
  virtual bool is_readable(std::size_t image) const = 0;
  // How many different views there are of each picture; 0: any number.
  virtual std::size_t views() const = 0;
};

// Whether an image may be mirrored, by its place.
using MayFlip = std::vector<bool>;

// Reads and augments files at each call: for networks that are trained as a whole.
std::unique_ptr<Pictures> read_pictures(const Dataset& dataset, MayFlip may_flip, const TrainedModel& model,
                                        const TrainingOptions& options, const FileSystem& files);

// What the model's frozen tower gives, computed now where `file` has not got it yet:
// options.augmentation.views of each picture. A run that was stopped goes on where it was. Throws Cancelled,
// Backend (a full disk).
std::unique_ptr<Pictures> read_tower(const Dataset& dataset, const MayFlip& may_flip,
                                     const TrainedModel& model, const TrainingOptions& options,
                                     const std::filesystem::path& folder, FileSystem& files,
                                     TrainingObserver& observer, const std::stop_token& stop);

}  // namespace tandem::training
