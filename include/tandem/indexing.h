// From photo folders to a gallery.
//
// One call works on one writer; it uses threads of its own to decode.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "tandem/gallery_writer.h"
#include "tandem/image.h"
#include "tandem/model.h"

namespace tandem {

struct IndexProgress {
  std::size_t done = 0;  // of `total`, skipped and unchanged ones included
  std::size_t total = 0;
  std::size_t skipped = 0;
  double images_per_second = 0;  // of those computed in this run
};

struct IndexOptions {
  std::size_t batch_size = 16;     // images in one forward pass
  std::size_t decode_threads = 0;  // 0: as many as there are cores
  // What is committed survives a kill: every so many images, and after so many seconds. A batch is made
  // smaller where the model is so slow that one would take longer. A commit itself takes milliseconds.
  std::size_t commit_every = 32;
  double commit_seconds = 5;
  ImageLimits limits;
  // Decodes large JPEG files no further than the models need: see decode_reduced(). Faster, and embeddings
  // differ a little from those of the whole picture.
  bool reduced_decoding = false;
  // JSON lines {"file" or "image": PATH, "captions": [...] or {"en": [...]}}; paths relative to the file.
  // Pictures that the gallery holds already get what they do not have yet; others are ignored.
  std::filesystem::path captions_file;
  // Of models that read regions: object tags by the ids of pictures (see read_tags()), in the place of none.
  std::filesystem::path tags_file;
  // The photos of which there are regions, which photo_of() then gives: a folder with ID.jpg (.jpeg .png
  // .webp) for the picture with this id. One beside its region file is found without.
  std::filesystem::path photos;
  // Of index_scan() and watch_paths(): what vanished is removed from the gallery.
  bool prune = false;
  std::stop_token stop;
  // Called from the calling thread.
  std::function<void(const IndexProgress&)> on_progress;
  std::function<void(const SkippedRecord&)> on_skipped;
  void validate() const;
};

// Every picture that was given counts once, from `added` to `skipped`.
struct IndexReport {
  std::size_t added = 0;       // new pictures
  std::size_t duplicates = 0;  // new ones too, with the content of another: not computed
  std::size_t moved = 0;       // the file of a picture under a new path: not computed, captions stay
  std::size_t updated = 0;     // other content than in the last run; captions stay
  std::size_t unchanged = 0;   // the same content
  std::size_t skipped = 0;     // could not be read; see Gallery::skipped()
  std::size_t captions = 0;    // added
  std::size_t vanished = 0;    // in the gallery, but their files are gone; see index_scan()
  std::size_t pruned = 0;      // the same, and removed
  double seconds = 0;
};

// What is under some paths.
struct PictureScan {
  std::vector<std::filesystem::path> roots;     // the paths, absolute
  std::vector<std::filesystem::path> pictures;  // absolute, sorted, each once
  // Of the folders, .npz and .tsv: for models that read regions, which leave the photos of folders out.
  std::vector<std::filesystem::path> region_files;
  // Folders that could not be listed, and links that lead nowhere: what is below is not known.
  std::vector<std::filesystem::path> unread;
};

// Looks for pictures (.jpg .jpeg .png .webp, any case) under `paths`, folders searched recursively. Below a
// folder, hidden names are passed over and links are followed, each folder once; a file that is named is
// taken whatever it is called, as one of the pictures. Throws NotFound for a path that is not there.
PictureScan scan_paths(std::span<const std::filesystem::path> paths);
// Its pictures alone.
std::vector<std::filesystem::path> find_pictures(std::span<const std::filesystem::path> paths);

// Brings `pictures` into the gallery (a region file with many counts as its pictures, which are called
// FILE#ID): new and changed ones are decoded, encoded and added, unchanged ones
// (by size and time, else by the hash of the bytes) left alone, moved ones and doubles told by their hash.
// Unreadable ones are recorded as skipped and tried again when they change; but a picture of the gallery
// stays as it was where the system failed to read its file (no permission, an I/O error, no memory).
// Commits as it goes and at the end; when a stop is requested it commits what is done and throws Cancelled.
// Of two models the first embeds pictures and captions, and the second gives the image tokens.
// Throws InvalidArgument when the models are not those of the gallery or no picture serves both (one reads
// photos, the other regions), Unsupported when they cannot embed images or match, NotFound and BadFormat
// (file and line) for the captions file.
IndexReport index_pictures(GalleryWriter& gallery, const ModelPair& models,
                           std::span<const std::filesystem::path> pictures, const IndexOptions& options = {});

// The same for a scan. Also looks for what vanished: pictures and skipped files of the gallery below the
// scan's roots whose files are gone. IndexOptions::prune removes them, except below a root in which not one
// picture was found: that is rather a drive that is not mounted.
IndexReport index_scan(GalleryWriter& gallery, const ModelPair& models, const PictureScan& scan,
                       const IndexOptions& options = {});

struct WatchOptions {
  IndexOptions index;        // stop and callbacks too
  double least_seconds = 2;  // between two looks
  // After each round in which the gallery was opened: what it found, and the gallery as it is then.
  std::function<void(const IndexReport&, const GalleryInfo&)> on_round;
  // What kept a round from being done and may pass: another writer, a path that is gone, a full disk. Called
  // once until a round succeeds or something else comes up.
  std::function<void(const Error&)> on_trouble;
  void validate() const;
};

// Keeps a gallery in step with `paths` until a stop is requested; then throws Cancelled. It looks every
// `least_seconds` or, where a look takes long, so rarely that looking takes a twentieth of the time: that
// works on network drives too, and for any number of folders. A file whose time is less than a second ago
// may still be being written and is left to the next round. `open` is called only when something changed,
// and its writer closed after the round, so that other writers get their turn.
// In the first round all errors but Busy are thrown, later only those that cannot pass.
[[noreturn]] void watch_paths(const std::function<std::unique_ptr<GalleryWriter>()>& open,
                              const ModelPair& models, std::span<const std::filesystem::path> paths,
                              const WatchOptions& options = {});

struct RepairReport {
  std::vector<std::string> found;  // what was damaged, as verify_gallery() says it
  std::vector<std::string> done;   // one line each
  std::size_t pictures = 0;        // computed anew from their files
  std::size_t captions = 0;        // computed anew from their texts
  VerifyReport after;              // a deep look at the end; empty problems: all is well
};

// Loads what a gallery was built with: its model, or both.
using LoadModel = std::function<ModelPair(const GalleryInfo&)>;

// Mends what verify_gallery() finds: files are put in order without losing what is good in them, and what
// their checksums do not fit is computed anew from pictures and texts. Pictures that cannot be read any more
// are recorded as skipped. A gallery in order is not touched. `load_model` is called before anything is
// changed, and only where something has to be computed. Of `options`, the captions file is not used. May be
// interrupted at any instant and called again.
// Throws NotFound, Busy, VersionTooNew, Cancelled; InvalidArgument for another model; BadFormat where too
// much is lost; Backend where a file cannot be read.
RepairReport repair_gallery(const std::filesystem::path& folder, const LoadModel& load_model,
                            const IndexOptions& options = {});

}  // namespace tandem
