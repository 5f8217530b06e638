#include "indexing/picture_loader.h"

#include <algorithm>
#include <vector>

#include "core/hash.h"
#include "tandem/error.h"

namespace tandem::indexing {

PictureLoader::PictureLoader(const FileSystem& files, const Model& model, const ImageLimits& limits,
                             std::size_t threads)
    : files_(files), model_(model), limits_(limits), share_(limits) {
  share_.max_bytes = std::min(limits.max_bytes, std::max<std::size_t>(kBytesTogether / threads, 1));
  share_.max_pixels = std::min(limits.max_pixels, std::max<std::size_t>(kPixelsTogether / threads, 1));
}

LoadedPicture PictureLoader::load(const std::filesystem::path& path, std::uint64_t bytes) const {
  const bool limits_differ = share_.max_pixels < limits_.max_pixels || share_.max_bytes < limits_.max_bytes;
  if (bytes <= share_.max_bytes) {
    try {
      return load_within(path, share_);
    } catch (const Error& error) {
      // Too large for a share, or bad: the second look, with the limits themselves, tells.
      if (error.code() != ErrorCode::kBadFormat || !limits_differ) throw;
    }
  }
  const std::lock_guard one_at_a_time(large_);
  return load_within(path, limits_);
}

LoadedPicture PictureLoader::load_within(const std::filesystem::path& path, const ImageLimits& limits) const {
  const std::vector<std::byte> file = files_.read(path, limits.max_bytes);
  Fingerprint hash;
  hash.update(file);
  const Image image = decode_image(file, path.string(), limits);
  return {model_.preprocess(image), hash.hex(), image.width, image.height};
}

}  // namespace tandem::indexing
