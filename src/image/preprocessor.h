// From a decoded picture to the numbers that a vision tower reads, as preprocessor_config.json says.
//
// The steps are those of the reference image processors, in their order: resize, centre crop, rescale,
// normalise. A Preprocessor is immutable: const methods may be called from many threads.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "image/resample.h"
#include "tandem/image.h"
#include "tandem/model.h"

namespace tandem::image {

// How the size of the resized picture follows from that of the source.
enum class SizeRule {
  kExact,           // `height` × `width`; the aspect ratio is not kept
  kShortestEdge,    // short side = `shortest_edge`; the long side at most `longest_edge` where that is not 0
  kMultipleOfSide,  // ViLT, BridgeTower: like kShortestEdge, with both sides cut to multiples of `divisor`
  kFitInside,       // as large as fits into `height` × `width`, aspect ratio kept
};

struct ResizeTarget {
  SizeRule rule = SizeRule::kExact;
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t shortest_edge = 0;
  std::size_t longest_edge = 0;
  std::size_t divisor = 1;
};

// `do_convert_rgb` has no place here, because an Image is always RGB; nor has `do_pad`, which does nothing
// to a single picture.
struct PreprocessConfig {
  bool do_resize = true;
  ResizeTarget size;
  Filter resample = Filter::kBicubic;
  bool do_center_crop = false;
  Size crop_size;
  bool do_rescale = true;
  double rescale_factor = 1.0 / 255;
  bool do_normalize = true;
  std::array<float, 3> mean = {0, 0, 0};  // R, G, B
  std::array<float, 3> std = {1, 1, 1};

  // InvalidArgument, naming the field: a side of 0 or above 16,384, a factor that is not finite, a std of 0.
  void validate() const;
};

// About how long the sides of a resized picture are at most; 0 where none is resized.
std::size_t target_side(const PreprocessConfig& config);

// Reads the text of a preprocessor_config.json (or of a processor_config.json that holds one under
// "image_processor"); `place` names it in messages.
// A field that is absent takes the default of the processor class that the file names
// (`image_processor_type`, older `feature_extractor_type`): CLIP, BLIP, SigLIP, ViLT, BridgeTower.
// `default_class` ("CLIPImageProcessor") is taken where the file names none.
// Throws BadFormat (naming the field), Unsupported (another class, a filter or size rule that
// the class does not have).
PreprocessConfig parse_preprocessor_text(std::string_view text, const std::string& place,
                                         std::string_view default_class);

class Preprocessor {
 public:
  // Throws what validate() throws.
  explicit Preprocessor(const PreprocessConfig& config);

  const PreprocessConfig& config() const { return config_; }

  // 3 × height × width. Throws BadFormat where the reference refuses the picture: a side is 0 after
  // rounding, or the result would be absurdly long.
  PixelTensor operator()(const Image& image) const;

  // The 8-bit picture after resize and crop, before rescaling. Where the crop is larger than the picture,
  // the rest is black.
  Image resized(const Image& image) const;

  // Hex digest of all that the numbers depend on: equal fingerprints, equal pixels.
  std::string fingerprint() const;

 private:
  PreprocessConfig config_;
};

}  // namespace tandem::image
