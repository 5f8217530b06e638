// Pictures from their files, at each step anew.
#include <algorithm>
#include <deque>
#include <future>
#include <utility>

#include "core/thread_pool.h"
#include "training/picture_input.h"
#include "training/pictures.h"

namespace tandem::training {
namespace {

constexpr std::size_t kAhead = 4;  // batches: of two tasks the one that is wanted now, and the next

class FilePictures final : public Pictures {
 public:
  FilePictures(const Dataset& dataset, MayFlip may_flip, const TrainedModel& model,
               const TrainingOptions& options, const FileSystem& files)
      : dataset_(dataset),
        reader_(model.image_reader()),
        input_(dataset, std::move(may_flip), reader_, options, files),
        augments_(options.augmentation.crop || options.augmentation.colour > 0 || options.augmentation.flip),
        files_(files) {}

  std::vector<models::ImageGroup> read(std::span<const View> views) const override {
    const auto found =
        std::ranges::find_if(ahead_, [&](const Ahead& one) { return std::ranges::equal(one.views, views); });
    if (found == ahead_.end()) return read_now(views);
    auto groups = std::move(found->groups);
    ahead_.erase(found);
    return groups.get();
  }

  void read_ahead(std::span<const View> views) const override {
    if (ahead_.size() == kAhead) ahead_.pop_front();  // waits for what nobody came for
    std::vector<View> wanted(views.begin(), views.end());
    ahead_.push_back({wanted, std::async(std::launch::async, [this, wanted] { return read_now(wanted); })});
  }

  bool is_readable(std::size_t image) const override {
    const auto& file = dataset_.images[image].file;
    return regions::region_place(file) || files_.status(file).kind == FileKind::kRegular;
  }

  std::size_t views() const override { return augments_ ? 0 : 1; }

 private:
  struct Ahead {
    std::vector<View> views;
    std::future<std::vector<models::ImageGroup>> groups;
  };

  std::vector<models::ImageGroup> read_now(std::span<const View> views) const {
    std::vector<std::future<ImageInput>> inputs;
    for (const View& view : views) inputs.push_back(pool_.submit([this, view] { return input_(view); }));
    std::vector<ImageInput> read;
    for (auto& input : inputs) read.push_back(input.get());
    std::vector<models::ImageGroup> groups = reader_.group(read);
    // Of regions the tags were left out as they were read.
    for (models::ImageGroup& group : groups) {
      if (group.batch.pixels.defined()) group.batch.without_tags = without_tags(views, group.members);
    }
    return groups;
  }

  static at::Tensor without_tags(std::span<const View> views, std::span<const std::size_t> members) {
    at::Tensor flags = torch::empty({std::ssize(members)}, at::kBool);
    std::ranges::transform(members, flags.data_ptr<bool>(),
                           [&](std::size_t member) { return views[member].without_tags; });
    return flags;
  }

  const Dataset& dataset_;
  const models::ImageReader& reader_;
  PictureInput input_;
  bool augments_;
  const FileSystem& files_;
  mutable ThreadPool pool_{0};       // its tasks read the others
  mutable std::deque<Ahead> ahead_;  // last: it waits for the pool
};

}  // namespace

std::unique_ptr<Pictures> read_pictures(const Dataset& dataset, MayFlip may_flip, const TrainedModel& model,
                                        const TrainingOptions& options, const FileSystem& files) {
  return std::make_unique<FilePictures>(dataset, std::move(may_flip), model, options, files);
}

}  // namespace tandem::training
