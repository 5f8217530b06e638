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

#include "tandem/gallery.h"
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
  // Images; what is committed survives a kill. The default is some seconds of work on a small machine; a
  // commit itself takes milliseconds.
  std::size_t commit_every = 32;
  ImageLimits limits;
  // JSON lines {"file" or "image": PATH, "captions": [...] or {"en": [...]}}; paths relative to the file.
  // Pictures that the gallery holds already get what they do not have yet; others are ignored.
  std::filesystem::path captions_file;
  std::stop_token stop;
  // Called from the calling thread.
  std::function<void(const IndexProgress&)> on_progress;
  std::function<void(const SkippedRecord&)> on_skipped;
  void validate() const;
};

struct IndexReport {
  std::size_t added = 0;      // new pictures
  std::size_t updated = 0;    // changed since the last run
  std::size_t unchanged = 0;  // already there
  std::size_t skipped = 0;    // could not be read; see Gallery::skipped()
  std::size_t captions = 0;   // added
  double seconds = 0;
};

// The pictures (.jpg .jpeg .png .webp, any case) that `paths` name, folders searched recursively:
// absolute, sorted, each once. Below a folder, hidden names are passed over and links are followed, each
// folder once; a file that is named is taken whatever it is called. Throws NotFound for a path that is not
// there.
std::vector<std::filesystem::path> find_pictures(std::span<const std::filesystem::path> paths);

// Brings `pictures` into the gallery: new and changed ones are decoded, encoded and added, unchanged ones
// left alone, unreadable ones recorded as skipped (and not tried again until they change). Commits as it
// goes and at the end; when a stop is requested it commits what is done and throws Cancelled.
// Throws InvalidArgument when the model is not that of the gallery, Unsupported when it cannot embed images,
// NotFound and BadFormat (file and line) for the captions file.
IndexReport index_pictures(GalleryWriter& gallery, std::shared_ptr<const Model> model,
                           std::span<const std::filesystem::path> pictures, const IndexOptions& options = {});

}  // namespace tandem
