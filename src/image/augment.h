// Pictures changed by chance, so that a model that is trained on them learns what they show and not how they
// were taken.
//
// Free functions, safe to call from many threads at once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/random.h"
#include "image/resample.h"
#include "tandem/image.h"

namespace tandem::image {

struct AugmentOptions {
  // The part of the area that is kept, and its width divided by its height.
  double min_area = 0.6;
  double max_area = 1;
  double min_aspect = 3.0 / 4;
  double max_aspect = 4.0 / 3;
  // Each factor lies within 1 - x and 1 + x, and not below 0. The hue stays: captions name colours.
  double brightness = 0.2;
  double contrast = 0.2;
  double saturation = 0.2;
  double flip_probability = 0.5;

  void validate() const;  // throws InvalidArgument, naming the option
};

// A copy of the picture: cropped, with other colours, mirrored. The same for the same picture, options and
// seed. `may_flip`: false for a picture of which a caption tells left from right. Throws InvalidArgument for
// an empty picture, and what validate() throws.
Image augment(const Image& image, const AugmentOptions& options, bool may_flip, std::uint64_t seed);

// The parts of it. Where to crop is chosen as torchvision's RandomResizedCrop does; bringing the crop to the
// model's size is left to the preprocessor.
Window choose_crop(Size size, const AugmentOptions& options, Random& random);
// The window must lie within the picture.
Image crop(const Image& image, const Window& window);
void flip_horizontally(Image& image);

}  // namespace tandem::image
