#include "indexing/index_run.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "core/fail.h"
#include "core/file_system.h"
#include "core/log.h"
#include "gallery/photo.h"
#include "indexing/caption_encoder.h"
#include "regions/picture_name.h"

namespace tandem::indexing {
namespace {

namespace fs = std::filesystem;

std::size_t thread_count(const IndexOptions& options) {
  return options.decode_threads > 0 ? options.decode_threads
                                    : std::max(1u, std::thread::hardware_concurrency());
}

std::vector<SkippedRecord> skipped_before(const GalleryInfo& gallery, const Seams& seams) {
  if (gallery.skipped == 0) return {};
  return seams.open_gallery(gallery.path)->skipped();
}

}  // namespace

IndexRun::IndexRun(GalleryWriter& gallery, const ModelPair& models, const Captions& captions,
                   const IndexOptions& options, const Seams& seams, const regions::RegionLibrary& regions,
                   std::size_t total)
    : gallery_(gallery),
      captions_(captions),
      options_(options),
      seams_(seams),
      regions_(regions),
      photos_(seams.files, options.photos),
      ledger_(gallery, options, seams.clock, skipped_before(gallery.info(), seams), total),
      reuse_(gallery, ledger_, seams),
      caption_encoder_(models.model, {.batch_size = options.batch_size}),
      image_encoder_(models, gallery.info().tokens != TokenStorage::kNone),
      loader_(seams.files, models, options.limits, regions, reuse_.contents(), thread_count(options),
              options.reduced_decoding),
      // While one batch is encoded, the threads load the next.
      arriving_(loader_, thread_count(options), options.batch_size + thread_count(options)),
      batch_size_(options.batch_size) {}

IndexReport IndexRun::run(std::span<const fs::path> pictures) {
  try {
    for (const fs::path& path : pictures) {
      check_stop();
      begin(absolute_path(path));
      if (arriving_.full()) receive();
    }
    // The last batch may send its doubles on their way once more.
    while (!arriving_.empty() || !batch_records_.empty()) {
      while (!arriving_.empty()) receive();
      encode_batch();
    }
    ledger_.commit();
    add_late_captions();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) ledger_.commit();
    throw;
  }
  report_unused_captions();
  return ledger_.report();
}

void IndexRun::check_stop() const {
  if (!options_.stop.stop_requested()) return;
  fail(ErrorCode::kCancelled, "stopped after {} of {} pictures; what is done is kept, run again to go on",
       ledger_.progress().done, ledger_.progress().total);
}

std::string IndexRun::metadata_of(const fs::path& path) {
  const auto place = regions::region_place(path);
  if (!place) return {};
  const fs::path photo = photos_.find(*place);
  return photo.empty() ? std::string() : gallery::photo_metadata(path, photo);
}

bool IndexRun::may_differ(const fs::path& path) {
  if (!regions::region_place(path)) return false;
  if (regions_.has_tags()) return true;
  const auto known = gallery_.find(path);
  const std::string metadata = metadata_of(path);
  return known && !metadata.empty() && metadata != known->metadata;
}

void IndexRun::begin(fs::path path) {
  captioned_ += captions_.of(path).empty() ? 0 : 1;
  FileStamp stamp;
  try {
    const FileStatus status = seams_.files.status(regions::file_of(path));
    stamp = {status.bytes, status.modified_ns};
  } catch (const Error& error) {
    ledger_.fail(path, stamp, {error.code(), error.what()});
    return;
  }
  if (gallery_.known(path) == stamp && !ledger_.may_have_mended(path) && !may_differ(path)) {
    ledger_.leave(path);
    want_captions(path);
  } else {
    send(std::move(path), stamp, Decode::kUnlessKnown);
  }
}

void IndexRun::send(fs::path path, const FileStamp& stamp, Decode decode) {
  reuse_.prepare();
  arriving_.push(std::move(path), stamp, decode);
}

void IndexRun::receive() {
  check_stop();
  Arrival arrival = arriving_.take();
  if (const auto* failure = std::get_if<Failure>(&arrival.picture)) {
    ledger_.fail(arrival.path, arrival.stamp, *failure);
    return;
  }
  auto& picture = std::get<LoadedPicture>(arrival.picture);
  ImageRecord record;
  record.metadata = metadata_of(arrival.path);
  record.path = std::move(arrival.path);
  record.stamp = arrival.stamp;
  record.content_hash = picture.content_hash;
  record.width = picture.width;
  record.height = picture.height;
  take(std::move(record), std::move(picture));
  ledger_.commit_if_late();
}

void IndexRun::take(ImageRecord record, LoadedPicture picture) {
  const auto has_content = [&](const ImageRecord& one) { return one.content_hash == record.content_hash; };
  if (std::ranges::any_of(batch_records_, has_content)) {
    doubles_.push_back(std::move(record));
  } else if (reuse_.settle(record)) {
    want_captions(record.path);
  } else if (!picture.input) {
    // The picture that had this content has it no longer.
    send(std::move(record.path), record.stamp, Decode::kAlways);
  } else {
    reuse_.note(record);
    batch_inputs_.push_back(*std::move(picture.input));
    batch_records_.push_back(std::move(record));
    if (batch_records_.size() >= batch_size_) encode_batch();
  }
}

void IndexRun::encode_batch() {
  if (batch_records_.empty()) return;
  const std::int64_t begun_ns = seams_.clock.monotonic_ns();
  auto captions = encode_captions(batch_records_, captions_, caption_encoder_, options_.stop);
  auto images = image_encoder_.encode(std::exchange(batch_inputs_, {}));
  adapt_batch(seams_.clock.monotonic_ns() - begun_ns);
  for (std::size_t i = 0; i < images.size(); ++i) {
    ImageRecord& record = batch_records_[i];
    if (auto* failure = std::get_if<Failure>(&images[i])) {
      ledger_.fail(record.path, record.stamp, *failure);
      continue;
    }
    if (gallery_.find(record.path)) {
      // It keeps the captions that it has; what is new in the file is added to them.
      captions[i].clear();
      want_captions(record.path);
    }
    ledger_.add({std::move(record), std::get<EncodedImage>(std::move(images[i])), std::move(captions[i])});
  }
  batch_records_.clear();
  for (ImageRecord& record : std::exchange(doubles_, {})) {
    take(std::move(record), {});
  }
}

void IndexRun::adapt_batch(std::int64_t taken_ns) {
  const double seconds_each =
      static_cast<double>(taken_ns) * 1e-9 / static_cast<double>(batch_records_.size());
  const double wanted = options_.commit_seconds / std::max(seconds_each, 1e-9);
  batch_size_ = static_cast<std::size_t>(std::clamp(wanted, 1.0, static_cast<double>(options_.batch_size)));
}

void IndexRun::want_captions(const fs::path& path) {
  if (!captions_.of(path).empty()) late_captions_.push_back(path);
}

void IndexRun::add_late_captions() {
  if (late_captions_.empty()) return;
  const auto committed = seams_.open_gallery(gallery_.info().path);
  const std::size_t added = indexing::add_late_captions(gallery_, *committed, late_captions_, captions_,
                                                        caption_encoder_, options_.stop);
  if (added == 0) return;
  gallery_.commit();
  ledger_.count_captions(added);
}

void IndexRun::report_unused_captions() const {
  if (captions_.pictures() == captioned_) return;
  // None at all is hardly meant: the paths in the file are then of another folder.
  log(captioned_ == 0 ? LogLevel::kWarning : LogLevel::kInfo,
      "{}: the captions of {} of its {} pictures were not used, as these are not among the pictures given",
      options_.captions_file.string(), captions_.pictures() - captioned_, captions_.pictures());
}

}  // namespace tandem::indexing
