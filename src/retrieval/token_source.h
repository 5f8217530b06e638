// The image tokens that the cross-encoder reads, of pictures of a gallery.
//
// Immutable: const methods may be called from many threads. The gallery outlives it.
#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "tandem/encoders.h"
#include "tandem/gallery.h"

namespace tandem::retrieval {

class TokenSource {
 public:
  // `mend`: what can be done about a picture whose file is gone beside bringing it back, "or ...".
  TokenSource(const Gallery& gallery, CrossEncoder encoder, std::size_t batch_size, std::string mend);

  // In the order of `images`: what the gallery stores, where the cross-encoder's model made it, else computed
  // from the pictures. Throws what Gallery, load_picture() and CrossEncoder throw.
  std::vector<Matrix> load(std::span<const ImageId> images, const std::stop_token& stop) const;

  // Pictures whose tokens may be in memory together.
  std::size_t block() const;

 private:
  Picture picture_again(ImageId id) const;

  const Gallery& gallery_;
  CrossEncoder encoder_;
  std::size_t batch_size_;
  std::string mend_;
  bool stored_;
};

}  // namespace tandem::retrieval
