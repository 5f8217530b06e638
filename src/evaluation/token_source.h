// The image tokens that the cross-encoder reads, of pictures of a gallery.
//
// For one thread. The gallery outlives it.
#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include "tandem/encoders.h"
#include "tandem/gallery.h"

namespace tandem::evaluation {

class TokenSource {
 public:
  TokenSource(const Gallery& gallery, const CrossEncoder& encoder, std::size_t batch_size);

  // In the order of `images`: what the gallery stores, where the cross-encoder's model made it, else computed
  // from the pictures. Throws what Gallery, load_picture() and CrossEncoder throw.
  std::vector<Matrix> load(std::span<const ImageId> images, const std::stop_token& stop) const;

  // Pictures whose tokens may be in memory together.
  std::size_t block() const;

 private:
  const Gallery& gallery_;
  const CrossEncoder& encoder_;
  std::size_t batch_size_;
  bool stored_;
};

}  // namespace tandem::evaluation
