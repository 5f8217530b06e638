// From a picture's file to what the models read of it.
//
// load() may be called from many threads; files, regions and contents must outlive the loader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "core/file_system.h"
#include "indexing/image_encoder.h"
#include "indexing/known_contents.h"
#include "regions/region_library.h"
#include "tandem/image.h"
#include "tandem/model.h"

namespace tandem::indexing {

struct LoadedPicture {
  std::string content_hash;          // hex, of the file's bytes
  std::optional<ModelInputs> input;  // none where the content is known
  std::size_t width = 0;             // of the picture, upright; 0 without input
  std::size_t height = 0;
};

enum class Decode { kUnlessKnown, kAlways };

// Bounds the memory of decoding: together, the threads decode at most kPixelsTogether at a time (1.2 GB of
// RGB) and one picture that is beyond a thread's share.
class PictureLoader {
 public:
  static constexpr std::size_t kPixelsTogether = 400'000'000;
  static constexpr std::size_t kBytesTogether = std::size_t{1} << 30;  // of files

  // `threads`: how many will call load() at once; `reduced`: IndexOptions::reduced_decoding.
  PictureLoader(const FileSystem& files, const ModelPair& models, const ImageLimits& limits,
                const regions::RegionLibrary& regions, const KnownContents& known, std::size_t threads,
                bool reduced = false);

  // `bytes`: the size of the file, as far as it is known. Throws what FileSystem::read(), decode_image()
  // and Model::preprocess() throw.
  LoadedPicture load(const std::filesystem::path& path, std::uint64_t bytes, Decode decode) const;

 private:
  void require_region_readers(const std::filesystem::path& file) const;
  LoadedPicture load_regions(const regions::RegionPlace& place, Decode decode) const;
  LoadedPicture load_within(const std::filesystem::path& path, const ImageLimits& limits,
                            Decode decode) const;

  const FileSystem& files_;
  ModelPair models_;
  const regions::RegionLibrary& regions_;
  const KnownContents& known_;
  ImageLimits limits_;
  ImageLimits share_;     // what one of the threads may take without asking
  std::size_t side_ = 0;  // for decode_reduced()
  mutable std::mutex large_;
};

}  // namespace tandem::indexing
