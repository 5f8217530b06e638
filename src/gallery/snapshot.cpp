#include "gallery/snapshot.h"

#include <algorithm>
#include <map>

#include "core/fail.h"
#include "index/bytes.h"

namespace tandem::gallery {
namespace {

constexpr std::string_view kMagic = "TANDEMSN";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kChunk = 65'536;  // pictures copied at a time

// Takes the head from `reader`.
SnapshotHead take_head(index::ByteReader& reader, const Manifest& manifest) {
  index::require_magic(reader, kMagic, kVersion, "an index snapshot");
  const auto uuid = reader.get_text(kUuidDigits);
  if (uuid != manifest.uuid) {
    fail(ErrorCode::kBadFormat, "{}: belongs to gallery {}, not to this one ({})", reader.name(), uuid,
         manifest.uuid);
  }
  SnapshotHead head;
  head.generation = reader.get<std::int64_t>();
  head.covered_below = reader.get<std::int64_t>();
  head.images = reader.get<std::int64_t>();
  return head;
}

}  // namespace

void write_snapshot(FileSystem& files, const std::filesystem::path& folder, const Manifest& manifest,
                    const StateRecord& state, const EmbeddingTable& images) {
  const auto made = index::make_stored_index(manifest.index_spec, manifest.dimension);
  for (std::size_t first = 0; first < images.size(); first += kChunk) {
    const auto rows = images.rows(first, std::min(kChunk, images.size() - first));
    made->add(rows.vectors, rows.ids);
  }
  index::ByteWriter writer;
  writer.put_text(kMagic);
  writer.put(kVersion);
  writer.put_text(manifest.uuid);
  writer.put(state.generation);
  writer.put(state.next_image);
  writer.put(static_cast<std::int64_t>(images.size()));
  writer.put_bytes(made->to_bytes());
  writer.put_checksum();
  replace_file(files, folder / kSnapshotName, writer.bytes());
}

Snapshot read_snapshot(const FileSystem& files, const std::filesystem::path& folder,
                       const Manifest& manifest) {
  const auto path = folder / kSnapshotName;
  const std::string name = path.string();
  const auto file = files.map(path);
  index::ByteReader version_reader(file->bytes(), name);
  index::require_magic(version_reader, kMagic, kVersion, "an index snapshot");
  index::ByteReader reader(index::require_checksum(file->bytes(), name), name);
  Snapshot snapshot;
  snapshot.head = take_head(reader, manifest);
  snapshot.index = index::index_from_bytes(reader.left(), name);
  if (snapshot.index->dimension() != manifest.dimension) {
    fail(ErrorCode::kBadFormat, "{}: has vectors of {} values, the gallery's have {}", name,
         snapshot.index->dimension(), manifest.dimension);
  }
  return snapshot;
}

SnapshotHead read_snapshot_head(const FileSystem& files, const std::filesystem::path& folder,
                                const Manifest& manifest) {
  const auto path = folder / kSnapshotName;
  try {
    if (files.status(path).kind == FileKind::kMissing) return {};
    const auto file = files.map(path);
    index::ByteReader reader(file->bytes(), path.string());
    return take_head(reader, manifest);
  } catch (const Error&) {
    return {};
  }
}

std::size_t require_covers(const Snapshot& snapshot, const EmbeddingTable& images, const StateRecord& state) {
  if (snapshot.head.generation > state.generation || snapshot.head.covered_below > state.next_image) {
    fail(ErrorCode::kBadFormat,
         "{}: was made from generation {}, the catalogue is at {}; build the index again", kSnapshotName,
         snapshot.head.generation, state.generation);
  }
  std::map<std::int64_t, std::size_t> rows;
  for (const std::int64_t id : snapshot.index->ids()) ++rows[id];
  std::size_t gone = 0;
  std::size_t covered = 0;
  for (const auto& [id, count] : rows) {
    if (!images.contains(id)) {
      gone += count;
    } else if (id < snapshot.head.covered_below && count == images.rows_each()) {
      ++covered;
    } else {
      fail(ErrorCode::kBadFormat, "{}: has {} rows of picture {}, {} are wanted; build the index again",
           kSnapshotName, count, id, id < snapshot.head.covered_below ? images.rows_each() : 0);
    }
  }
  const std::size_t wanted = images.count_below(snapshot.head.covered_below);
  if (covered != wanted) {
    fail(ErrorCode::kBadFormat, "{}: covers {} of {} pictures with ids below {}; build the index again",
         kSnapshotName, covered, wanted, snapshot.head.covered_below);
  }
  return gone;
}

}  // namespace tandem::gallery
