#include "training/picture_input.h"

#include <utility>

#include "core/at_place.h"
#include "image/augment.h"
#include "training/random.h"

namespace tandem::training {

namespace {

image::AugmentOptions augment_options(const AugmentationOptions& wanted, const Image& image) {
  image::AugmentOptions options;
  if (!wanted.crop) {
    // A crop of all of it.
    options.min_area = 1;
    options.min_aspect = options.max_aspect =
        static_cast<double>(image.width) / static_cast<double>(image.height);
  }
  options.brightness = options.contrast = options.saturation = wanted.colour;
  if (!wanted.flip) options.flip_probability = 0;
  return options;
}

}  // namespace

PictureInput::PictureInput(const Dataset& dataset, MayFlip may_flip, const models::ImageReader& reader,
                           const TrainingOptions& options, const FileSystem& files)
    : dataset_(dataset), may_flip_(std::move(may_flip)), reader_(reader), options_(options), files_(files) {
  if (!options.tags_file.empty()) tags_ = read_tags(options.tags_file);
}

ImageInput PictureInput::operator()(const View& view) const {
  const std::filesystem::path& file = dataset_.images[view.image].file;
  if (const auto place = regions::region_place(file)) {
    Regions regions = regions_.read(*place);
    if (view.without_tags) regions.tags.clear();
    return regions;
  }
  const ImageLimits limits;
  Image image = decode_image(files_.read(file, limits.max_bytes), file.string(), limits);
  if (view.view > 0) {
    Random random = random_for(options_.seed, Draw::kViews, view.image * 0x10000 + view.view);
    image = image::augment(image, augment_options(options_.augmentation, image), may_flip_[view.image],
                           random.bits());
  }
  return at_place(file.string(), [&] { return reader_.preprocess(image); });
}

}  // namespace tandem::training
