#include "indexing/reuse.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/log.h"
#include "indexing/vanished.h"

namespace tandem::indexing {

namespace {

// Metadata that was not given is not taken away.
bool has_metadata_of(const ImageRecord& known, const ImageRecord& record) {
  return record.metadata.empty() || record.metadata == known.metadata;
}

void take_metadata(ImageRecord& known, const ImageRecord& record) {
  if (!record.metadata.empty()) known.metadata = record.metadata;
}

}  // namespace

void Reuse::prepare() {
  if (std::exchange(prepared_, true) || gallery_.info().images == 0) return;
  for (const ImageRecord& image : seams_.open_gallery(gallery_.info().path)->images()) note(image);
}

void Reuse::note(const ImageRecord& record) { contents_.add(record.content_hash, record.path); }

bool Reuse::settle(const ImageRecord& record) {
  auto known = gallery_.find(record.path);
  if (!known || known->content_hash != record.content_hash) return settle_by_another(record, !known);
  const bool is_same = known->stamp == record.stamp && has_metadata_of(*known, record);
  if (is_same) {
    ledger_.leave(record.path);
  } else {
    known->stamp = record.stamp;
    take_metadata(*known, record);
    ledger_.refresh(*known);
  }
  return true;
}

bool Reuse::settle_by_another(const ImageRecord& record, bool is_new) {
  std::vector<ImageRecord> sources;
  for (const std::filesystem::path& path : contents_.paths_of(record.content_hash)) {
    auto source = gallery_.find(path);
    if (source && source->content_hash == record.content_hash) {
      sources.push_back(*std::move(source));
    } else {
      contents_.remove(record.content_hash, path);
    }
  }
  if (sources.empty()) return false;
  const auto gone =
      std::ranges::find_if(sources, [&](const ImageRecord& one) { return is_gone(seams_.files, one.path); });
  if (is_new && gone != sources.end()) {
    gone->path = record.path;
    gone->stamp = record.stamp;
    take_metadata(*gone, record);
    ledger_.move(*gone);
  } else if (!copy(sources.front(), record)) {
    return false;
  }
  note(record);
  return true;
}

bool Reuse::copy(const ImageRecord& source, ImageRecord record) {
  record.width = source.width;
  record.height = source.height;
  try {
    ledger_.add_copy(source.id, record);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kBadFormat) throw;
    log(LogLevel::kWarning, "{}; {} is computed anew", error.what(), record.path.string());
    return false;
  }
}

}  // namespace tandem::indexing
