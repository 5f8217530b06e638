// Brightness, contrast and saturation of pictures, equal pixel by pixel to ImageEnhance of Pillow 13, by
// which torchvision's ColorJitter changes them too.
//
// Free functions, safe to call from many threads at once. `factor`: 1 leaves the picture as it is, 0 leaves
// nothing of the quality; InvalidArgument where it is negative or not finite.
#pragma once

#include "tandem/image.h"

namespace tandem::image {

void adjust_brightness(Image& image, float factor);  // 0: black
void adjust_contrast(Image& image, float factor);    // 0: the mean gray of the picture
void adjust_saturation(Image& image, float factor);  // 0: gray

}  // namespace tandem::image
