#include "indexing/picture_loader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/at_place.h"
#include "core/fail.h"
#include "core/hash.h"

namespace tandem::indexing {

PictureLoader::PictureLoader(const FileSystem& files, const ModelPair& models, const ImageLimits& limits,
                             const regions::RegionLibrary& regions, const KnownContents& known,
                             std::size_t threads, bool reduced)
    : files_(files), models_(models), regions_(regions), known_(known), limits_(limits), share_(limits) {
  share_.max_bytes = std::min(limits.max_bytes, std::max<std::size_t>(kBytesTogether / threads, 1));
  share_.max_pixels = std::min(limits.max_pixels, std::max<std::size_t>(kPixelsTogether / threads, 1));
  if (!reduced) return;
  side_ = models.model->info().picture_side;
  if (models.reranker) side_ = std::max(side_, models.reranker->info().picture_side);
}

LoadedPicture PictureLoader::load(const std::filesystem::path& path, std::uint64_t bytes,
                                  Decode decode) const {
  if (const auto place = regions::region_place(path)) return load_regions(*place, decode);
  const bool limits_differ = share_.max_pixels < limits_.max_pixels || share_.max_bytes < limits_.max_bytes;
  if (bytes <= share_.max_bytes) {
    try {
      return load_within(path, share_, decode);
    } catch (const Error& error) {
      // Too large for a share, or bad: the second look, with the limits themselves, tells.
      if (error.code() != ErrorCode::kBadFormat || !limits_differ) throw;
    }
  }
  const std::lock_guard one_at_a_time(large_);
  return load_within(path, limits_, decode);
}

void PictureLoader::require_region_readers(const std::filesystem::path& file) const {
  for (const Model* model : {models_.model.get(), models_.reranker.get()}) {
    if (model == nullptr || model->info().reads_regions) continue;
    fail(ErrorCode::kUnsupported, "{}: has region features, {} models read photos", file.string(),
         model->info().family);
  }
}

LoadedPicture PictureLoader::load_regions(const regions::RegionPlace& place, Decode decode) const {
  require_region_readers(place.file);
  Fingerprint hash;
  hash.update(std::to_string(regions_.content_hash(place)));
  LoadedPicture picture{hash.hex(), {}, 0, 0};
  if (decode == Decode::kUnlessKnown && known_.contains(picture.content_hash)) return picture;
  Regions regions = regions_.read(place);
  picture.width = regions.image_width;
  picture.height = regions.image_height;
  std::optional<ImageInput> match;
  if (models_.reranker) match = regions;
  picture.input = {std::move(regions), std::move(match)};
  return picture;
}

LoadedPicture PictureLoader::load_within(const std::filesystem::path& path, const ImageLimits& limits,
                                         Decode decode) const {
  const std::vector<std::byte> file = files_.read(path, limits.max_bytes);
  Fingerprint hash;
  hash.update(file);
  LoadedPicture picture{hash.hex(), {}, 0, 0};
  if (decode == Decode::kUnlessKnown && known_.contains(picture.content_hash)) return picture;
  const ReducedImage decoded = decode_reduced(file, path.string(), side_, limits);
  const auto preprocessed = [&](const Model& model) {
    return at_place(path.string(), [&] { return model.preprocess(decoded.image); });
  };
  std::optional<ImageInput> match;
  if (models_.reranker) match = preprocessed(*models_.reranker);
  picture.input = {preprocessed(*models_.model), std::move(match)};
  picture.width = decoded.full_width;
  picture.height = decoded.full_height;
  return picture;
}

}  // namespace tandem::indexing
