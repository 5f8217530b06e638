// From a picture's file to the input of a model, augmented where that is wanted.
//
// Const methods may be called from many threads; what is given to the constructor must outlive the object.
#pragma once

#include <cstddef>
#include <vector>

#include "core/file_system.h"
#include "regions/region_library.h"
#include "tandem/training.h"
#include "training/pictures.h"

namespace tandem::training {

class PictureInput {
 public:
  PictureInput(const Dataset& dataset, MayFlip may_flip, const models::ImageReader& reader,
               const TrainingOptions& options, const FileSystem& files);

  PictureInput(const PictureInput&) = delete;
  PictureInput& operator=(const PictureInput&) = delete;

  // Throws what load_image(), RegionFile and Model::preprocess() throw.
  ImageInput operator()(const View& view) const;

 private:
  const Dataset& dataset_;
  MayFlip may_flip_;
  const models::ImageReader& reader_;
  const TrainingOptions& options_;
  const FileSystem& files_;
  TagsById tags_;
  regions::RegionLibrary regions_{&tags_};
};

}  // namespace tandem::training
