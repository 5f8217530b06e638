// Pictures from their files, at each step anew.
#include <future>
#include <utility>

#include "core/thread_pool.h"
#include "training/picture_input.h"
#include "training/pictures.h"

namespace tandem::training {
namespace {

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
    std::vector<std::future<ImageInput>> inputs;
    for (const View& view : views) inputs.push_back(pool_.submit([this, view] { return input_(view); }));
    std::vector<ImageInput> read;
    for (auto& input : inputs) read.push_back(input.get());
    return reader_.group(read);
  }

  bool is_readable(std::size_t image) const override {
    const auto& file = dataset_.images[image].file;
    return regions::region_place(file) || files_.status(file).kind == FileKind::kRegular;
  }

  std::size_t views() const override { return augments_ ? 0 : 1; }

 private:
  const Dataset& dataset_;
  const models::ImageReader& reader_;
  PictureInput input_;
  bool augments_;
  const FileSystem& files_;
  mutable ThreadPool pool_{0};  // last: its tasks read the others
};

}  // namespace

std::unique_ptr<Pictures> read_pictures(const Dataset& dataset, MayFlip may_flip, const TrainedModel& model,
                                        const TrainingOptions& options, const FileSystem& files) {
  return std::make_unique<FilePictures>(dataset, std::move(may_flip), model, options, files);
}

}  // namespace tandem::training
