// One run over pictures: threads load them ahead of this one, which asks the gallery what it has of them,
// encodes the rest in batches and hands all to the ledger.
//
// For one thread; what the constructor is given must outlive the run.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "indexing/captions.h"
#include "indexing/image_encoder.h"
#include "indexing/index_pictures.h"
#include "indexing/ledger.h"
#include "indexing/photo_finder.h"
#include "indexing/picture_loader.h"
#include "indexing/read_ahead.h"
#include "indexing/reuse.h"
#include "tandem/encoders.h"

namespace tandem::indexing {

class IndexRun {
 public:
  // `total`: how many pictures will come.
  IndexRun(GalleryWriter& gallery, const ModelPair& models, const Captions& captions,
           const IndexOptions& options, const Seams& seams, const regions::RegionLibrary& regions,
           std::size_t total);

  // Throws what tandem::index_pictures() throws, with what is done committed.
  IndexReport run(std::span<const std::filesystem::path> pictures);

 private:
  void check_stop() const;
  // What is kept of a picture beside its vectors: of regions, their photo.
  std::string metadata_of(const std::filesystem::path& path);
  // Whether what the gallery has of a picture may differ though its file is the same: tags and photos come
  // from elsewhere.
  bool may_differ(const std::filesystem::path& path);
  // Sends a picture on its way, unless the gallery knows it as it is.
  void begin(std::filesystem::path path);
  void send(std::filesystem::path path, const FileStamp& stamp, Decode decode);
  void receive();
  // What was loaded goes into the batch, unless the gallery has its content.
  void take(ImageRecord record, LoadedPicture picture);
  void encode_batch();
  // Makes the next batches so small that one takes no longer than what may be lost.
  void adapt_batch(std::int64_t taken_ns);
  // The captions that the file has of a picture are added at the end, where the picture lacks them.
  void want_captions(const std::filesystem::path& path);
  void add_late_captions();
  void report_unused_captions() const;

  GalleryWriter& gallery_;
  const Captions& captions_;
  const IndexOptions& options_;
  const Seams& seams_;
  const regions::RegionLibrary& regions_;
  PhotoFinder photos_;
  Ledger ledger_;
  Reuse reuse_;
  BiEncoder caption_encoder_;
  ImageEncoder image_encoder_;
  PictureLoader loader_;
  ReadAhead arriving_;
  // The batch being gathered: the parts of one picture stand at the same place.
  std::vector<ModelInputs> batch_inputs_;
  std::vector<ImageRecord> batch_records_;
  std::size_t batch_size_;
  std::vector<ImageRecord> doubles_;  // of pictures in the batch
  std::vector<std::filesystem::path> late_captions_;
  std::size_t captioned_ = 0;  // pictures of this run that the captions file names
};

}  // namespace tandem::indexing
