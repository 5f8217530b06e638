// Captions to what a gallery stores of them.
//
// Captions and encoder must outlive what is here; for one thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <stop_token>
#include <vector>

#include "indexing/captions.h"
#include "tandem/encoders.h"
#include "tandem/gallery_writer.h"

namespace tandem::indexing {

// The captions of each image, in order; embedded all together. Throws what BiEncoder::embed_texts() throws.
std::vector<std::vector<NewCaption>> encode_captions(std::span<const ImageRecord> images,
                                                     const Captions& captions, const BiEncoder& encoder,
                                                     std::stop_token stop);

// Adds to `writer` the captions of `pictures` that `committed`, the same gallery, does not have yet; a
// picture that is not in it is passed over. Returns how many were added; does not commit.
std::size_t add_late_captions(GalleryWriter& writer, const Gallery& committed,
                              std::span<const std::filesystem::path> pictures, const Captions& captions,
                              const BiEncoder& encoder, std::stop_token stop);

}  // namespace tandem::indexing
