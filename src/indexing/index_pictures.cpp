#include "indexing/index_pictures.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "core/fail.h"
#include "core/log.h"
#include "encoders/capabilities.h"
#include "indexing/caption_encoder.h"
#include "indexing/captions.h"
#include "indexing/find_pictures.h"
#include "indexing/image_encoder.h"
#include "indexing/ledger.h"
#include "indexing/picture_loader.h"
#include "indexing/read_ahead.h"
#include "tandem/encoders.h"

namespace tandem {
namespace indexing {
namespace {

namespace fs = std::filesystem;

void require_same_model(const GalleryInfo& gallery, const ModelInfo& model) {
  if (gallery.weights_fingerprint == model.weights_fingerprint &&
      gallery.preprocessing_fingerprint == model.preprocessing_fingerprint) {
    return;
  }
  fail(
      ErrorCode::kInvalidArgument,
      "{}: built with the {} model in {}, given the {} model in {}, which differs; give the former, or index "
      "into a new gallery",
      gallery.path.string(), gallery.model_family, gallery.model_path.string(), model.family,
      model.path.string());
}

std::size_t thread_count(const IndexOptions& options) {
  return options.decode_threads > 0 ? options.decode_threads
                                    : std::max(1u, std::thread::hardware_concurrency());
}

std::vector<SkippedRecord> skipped_before(const GalleryInfo& gallery, const Seams& seams) {
  if (gallery.skipped == 0) return {};
  return seams.open_gallery(gallery.path)->skipped();
}

// One run of index_pictures(): pictures are loaded by threads ahead of this one, which encodes them in
// batches and hands them to the ledger in order.
class Run {
 public:
  Run(GalleryWriter& gallery, std::shared_ptr<const Model> model, const Captions& captions,
      const IndexOptions& options, const Seams& seams, std::size_t total)
      : gallery_(gallery),
        captions_(captions),
        options_(options),
        seams_(seams),
        ledger_(gallery, options, seams.clock, skipped_before(gallery.info(), seams), total),
        caption_encoder_(model, {.batch_size = options.batch_size}),
        image_encoder_(*model,
                       gallery.info().tokens != TokenStorage::kNone && model->info().capabilities.match),
        loader_(seams.files, *model, options.limits, thread_count(options)),
        // While one batch is encoded, the threads load the next.
        arriving_(loader_, thread_count(options), options.batch_size + thread_count(options)) {}

  IndexReport run(std::span<const fs::path> pictures) {
    try {
      for (const fs::path& path : pictures) {
        check_stop();
        begin(absolute_path(path));
        if (arriving_.full()) receive();
      }
      while (!arriving_.empty()) receive();
      encode_batch();
      ledger_.commit();
      add_captions_to_unchanged();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) ledger_.commit();
      throw;
    }
    report_unused_captions();
    return ledger_.report();
  }

 private:
  void check_stop() const {
    if (!options_.stop.stop_requested()) return;
    fail(ErrorCode::kCancelled, "stopped after {} of {} pictures; what is done is kept, run again to go on",
         ledger_.progress().done, ledger_.progress().total);
  }

  // Sends a picture on its way, unless the gallery knows it as it is.
  void begin(fs::path path) {
    captioned_ += captions_.of(path).empty() ? 0 : 1;
    FileStamp stamp;
    try {
      const FileStatus status = seams_.files.status(path);
      stamp = {status.bytes, status.modified_ns};
    } catch (const Error& error) {
      ledger_.skip({std::move(path), stamp, error.code(), error.what()});
      return;
    }
    if (gallery_.known(path) != stamp) {
      arriving_.push(std::move(path), stamp);
      return;
    }
    ledger_.leave(path);
    if (!captions_.of(path).empty()) unchanged_with_captions_.push_back(std::move(path));
  }

  void receive() {
    check_stop();
    Arrival arrival = arriving_.take();
    if (auto* failure = std::get_if<Failure>(&arrival.picture)) {
      ledger_.skip({std::move(arrival.path), arrival.stamp, failure->code, std::move(failure->reason)});
      return;
    }
    auto& picture = std::get<LoadedPicture>(arrival.picture);
    batch_pixels_.push_back(std::move(picture.pixels));
    ImageRecord& record = batch_records_.emplace_back();
    record.path = std::move(arrival.path);
    record.stamp = arrival.stamp;
    record.content_hash = std::move(picture.content_hash);
    record.width = picture.width;
    record.height = picture.height;
    if (batch_records_.size() == options_.batch_size) encode_batch();
  }

  void encode_batch() {
    auto captions = encode_captions(batch_records_, captions_, caption_encoder_, options_.stop);
    auto images = image_encoder_.encode(batch_pixels_);
    for (std::size_t i = 0; i < images.size(); ++i) {
      ImageRecord& record = batch_records_[i];
      if (auto* failure = std::get_if<Failure>(&images[i])) {
        ledger_.skip({std::move(record.path), record.stamp, failure->code, std::move(failure->reason)});
      } else {
        ledger_.add(
            {std::move(record), std::get<EncodedImage>(std::move(images[i])), std::move(captions[i])});
      }
    }
    batch_pixels_.clear();
    batch_records_.clear();
  }

  void add_captions_to_unchanged() {
    if (unchanged_with_captions_.empty()) return;
    const auto committed = seams_.open_gallery(gallery_.info().path);
    const std::size_t added = add_late_captions(gallery_, *committed, unchanged_with_captions_, captions_,
                                                caption_encoder_, options_.stop);
    if (added == 0) return;
    gallery_.commit();
    ledger_.count_captions(added);
  }

  void report_unused_captions() const {
    if (captions_.pictures() == captioned_) return;
    // None at all is hardly meant: the paths in the file are then of another folder.
    log(captioned_ == 0 ? LogLevel::kWarning : LogLevel::kInfo,
        "{}: the captions of {} of its {} pictures were not used, as these are not among the pictures given",
        options_.captions_file.string(), captions_.pictures() - captioned_, captions_.pictures());
  }

  GalleryWriter& gallery_;
  const Captions& captions_;
  const IndexOptions& options_;
  const Seams& seams_;
  Ledger ledger_;
  BiEncoder caption_encoder_;
  ImageEncoder image_encoder_;
  PictureLoader loader_;
  ReadAhead arriving_;
  // The batch being gathered: the parts of one picture stand at the same place.
  std::vector<PixelTensor> batch_pixels_;
  std::vector<ImageRecord> batch_records_;
  std::vector<fs::path> unchanged_with_captions_;
  std::size_t captioned_ = 0;  // pictures of this run that the captions file names
};

}  // namespace

IndexReport index_pictures(GalleryWriter& gallery, std::shared_ptr<const Model> model,
                           std::span<const fs::path> pictures, const IndexOptions& options,
                           const Seams& seams) {
  options.validate();
  if (!model) fail(ErrorCode::kInvalidArgument, "no model was given; load one with Model::load()");
  require_image_embedding(model->info());
  require_same_model(gallery.info(), model->info());
  Captions captions;
  if (!options.captions_file.empty()) {
    require_text_embedding(model->info());
    captions = Captions(seams.files, options.captions_file);
  }
  IndexReport report = Run(gallery, model, captions, options, seams, pictures.size()).run(pictures);
  if (report.added + report.updated + report.captions > 0) gallery.build_index();
  return report;
}

}  // namespace indexing

IndexReport index_pictures(GalleryWriter& gallery, std::shared_ptr<const Model> model,
                           std::span<const std::filesystem::path> pictures, const IndexOptions& options) {
  return indexing::index_pictures(gallery, std::move(model), pictures, options, indexing::Seams());
}

}  // namespace tandem
