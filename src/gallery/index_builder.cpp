#include "gallery/index_builder.h"

#include "core/log.h"
#include "gallery/gallery.h"
#include "gallery/snapshot.h"

namespace tandem::gallery {

IndexBuilder::IndexBuilder(FileSystem& files, std::filesystem::path folder, const Manifest& manifest,
                           std::size_t min_changes)
    : files_(files), folder_(std::move(folder)), manifest_(manifest), min_changes_(min_changes) {}

void IndexBuilder::build() {
  if (manifest_.index_spec == "exact") return;
  if (thread_.joinable()) thread_.join();
  build_from_files();
}

void IndexBuilder::build_if_behind(const StateRecord& state) {
  if (manifest_.index_spec == "exact" || running_ || !is_behind(state)) return;
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
  write_snapshot(files_, folder_, manifest_, state.contents.state, images);
}

}  // namespace tandem::gallery
