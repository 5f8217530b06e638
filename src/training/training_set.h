// A dataset as training reads it: captions as tokens, and which caption is of which picture.
//
// Immutable: const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tandem/datasets.h"
#include "tandem/text.h"
#include "training/pictures.h"
#include "training/random.h"

namespace tandem::training {

// Whether it is in one of the languages; of none: always.
bool is_in(const DatasetCaption& caption, const std::vector<std::string>& languages);

class TrainingSet {
 public:
  // `language_exponent`: TrainingOptions. Captions in `languages`, or all where it is empty, of readable
  // pictures. Throws InvalidArgument where fewer than two pictures have one.
  TrainingSet(const Dataset& dataset, const std::vector<std::string>& languages, const Tokenizer& tokenizer,
              const Pictures& pictures, double language_exponent = 0);

  // Of all captions of the dataset; those that are left out are empty.
  std::span<const TokenIds> captions() const { return captions_; }
  std::size_t image_of(std::size_t caption) const { return dataset_.captions[caption].image; }
  const std::string& id_of(std::size_t caption) const { return dataset_.captions[caption].id; }
  std::size_t image_count() const { return of_image_.size(); }
  // Pictures with a caption, and captions that are not left out, as places in the dataset.
  std::span<const std::size_t> images() const { return images_; }
  std::span<const std::size_t> used_captions() const { return used_; }
  // Those of a picture.
  const std::vector<std::size_t>& captions_of(std::size_t image) const { return of_image_[image]; }
  // One of the picture's captions; of its languages as `language_exponent` says.
  std::size_t draw_caption(std::size_t image, Random& random) const;

 private:
  const Dataset& dataset_;
  double language_exponent_;
  std::vector<TokenIds> captions_;
  std::vector<std::size_t> used_;
  std::vector<std::size_t> images_;
  std::vector<std::vector<std::size_t>> of_image_;  // by language
};

// For each picture whether it may be mirrored: no caption of it tells left from right.
MayFlip may_flip(const Dataset& dataset);

}  // namespace tandem::training
