#include "gallery/index_builder.h"

#include "core/log.h"
#include "gallery/gallery.h"
#include "gallery/snapshot.h"
#include "index/automatic.h"

namespace tandem::gallery {

IndexBuilder::IndexBuilder(FileSystem& files, std::filesystem::path folder, const Manifest& manifest,
                           std::size_t min_changes, std::size_t max_exact_rows)
    : files_(files),
      folder_(std::move(folder)),
      manifest_(manifest),
      min_changes_(min_changes),
      max_exact_rows_(max_exact_rows) {}

void IndexBuilder::build() {
  if (manifest_.index_spec == "exact") return;
  if (thread_.joinable()) thread_.join();
  build_from_files();
}

void IndexBuilder::build_if_behind(const StateRecord& state) {
  if (spec_for(static_cast<std::size_t>(state.images)) == "exact" || running_ || !is_behind(state)) return;
  running_ = true;
  // Assigning waits for the thread of the build before, which has nothing left to do.
  thread_ = std::jthread([this] {
    try {
      build_from_files();
    } catch (const std::exception& error) {
      log(LogLevel::kWarning, "{}; the index is not built, searches go on without it", error.what());
    }
    running_ = false;
  });
}

std::string IndexBuilder::spec_for(std::size_t images) const {
  if (manifest_.index_spec != index::kAutomatic) return manifest_.index_spec;
  return index::spec_for(images * manifest_.embedding_rows, max_exact_rows_);
}

bool IndexBuilder::is_behind(const StateRecord& state) const {
  const SnapshotHead head = read_snapshot_head(files_, folder_, manifest_);
  // Ids that were given since; and of all pictures that there were, those that are gone.
  const std::int64_t added = state.next_image - head.covered_below;
  const std::int64_t gone = head.images + added - state.images;
  const auto changes = static_cast<double>(added + gone);
  return changes >= static_cast<double>(min_changes_) &&
         changes > kMaxChangedShare * static_cast<double>(state.images);
}

void IndexBuilder::build_from_files() const {
  const GalleryState state = read_gallery_state(files_, folder_);
  const EmbeddingTable images(state.segments, state.contents.images, manifest_.embedding_rows);
  const std::string spec = spec_for(images.size());
  if (spec == "exact") return files_.remove(folder_ / kSnapshotName);
  write_snapshot(files_, folder_, manifest_, state.contents.state, images, spec);
}

}  // namespace tandem::gallery
