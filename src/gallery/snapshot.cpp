#include "gallery/snapshot.h"

#include <algorithm>

#include "core/fail.h"
#include "gallery/index_search.h"
#include "index/automatic.h"
#include "index/bytes.h"
#include "index/index_file.h"

namespace tandem::gallery {
namespace {

constexpr std::string_view kSnapshotMagic = "TANDEMSN";
constexpr std::uint32_t kSnapshotVersion = 2;  // the recall came with version 2
constexpr std::size_t kHeadBytes = 76;
constexpr std::size_t kChunk = 65'536;  // pictures copied at a time
// So that it is 99 % for other queries too: those that it is measured with are but a sample.
constexpr double kWantedRecall = 0.992;

// Takes the head from `reader`.
SnapshotHead take_head(index::ByteReader& reader, const Manifest& manifest) {
  const auto version = index::require_magic(reader, kSnapshotMagic, kSnapshotVersion, "an index snapshot");
  const auto uuid = reader.get_text(kUuidDigits);
  if (uuid != manifest.uuid) {
    fail(ErrorCode::kBadFormat, "{}: belongs to gallery {}, not to this one ({})", reader.name(), uuid,
         manifest.uuid);
  }
  SnapshotHead head;
  head.generation = reader.get<std::int64_t>();
  head.covered_below = reader.get<std::int64_t>();
  head.images = reader.get<std::int64_t>();
  if (version >= 2) head.recall = reader.get<double>();
  return head;
}

std::unique_ptr<index::StoredIndex> build_index(const EmbeddingTable& images, const std::string& spec,
                                                std::size_t dimension) {
  auto made = index::make_stored_index(spec, dimension);
  // Each part is spread over all pictures, as an index learns from those that come first.
  const std::size_t parts = (images.size() + kChunk - 1) / kChunk;
  for (std::size_t part = 0; part < parts; ++part) {
    std::vector<std::size_t> positions;
    for (std::size_t i = part; i < images.size(); i += parts) positions.push_back(i);
    const auto rows = images.rows(positions);
    made->add(rows.vectors, rows.ids);
  }
  return made;
}

}  // namespace

void write_snapshot(FileSystem& files, const std::filesystem::path& folder, const Manifest& manifest,
                    const StateRecord& state, const EmbeddingTable& images, const std::string& spec) {
  auto made = build_index(images, spec, manifest.dimension);
  const bool is_chosen = manifest.index_spec == index::kAutomatic;
  const double recall = shortlist_recall(*made, images, is_chosen ? kWantedRecall : 0);
  const std::vector<std::byte> bytes = made->to_bytes();
  made.reset();  // it may be as large as all embeddings, and is about to be copied once more
  index::ByteWriter writer;
  writer.reserve(kHeadBytes + bytes.size() + sizeof(std::uint64_t));
  writer.put_text(kSnapshotMagic);
  writer.put(kSnapshotVersion);
  writer.put_text(manifest.uuid);
  writer.put(state.generation);
  writer.put(state.next_image);
  writer.put(static_cast<std::int64_t>(images.size()));
  writer.put(recall);
  writer.put_bytes(bytes);
  writer.put_checksum();
  replace_file(files, folder / kSnapshotName, writer.bytes());
}

Snapshot read_snapshot(const FileSystem& files, const std::filesystem::path& folder,
                       const Manifest& manifest) {
  const auto path = folder / kSnapshotName;
  const std::string name = path.string();
  const auto file = files.map(path);
  index::ByteReader version_reader(file->bytes(), name);
  index::require_magic(version_reader, kSnapshotMagic, kSnapshotVersion, "an index snapshot");
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
    if (!has_snapshot(files, folder)) return {};
    const auto file = files.map(path);
    index::ByteReader reader(file->bytes(), path.string());
    return take_head(reader, manifest);
  } catch (const Error&) {
    return {};
  }
}

bool has_snapshot(const FileSystem& files, const std::filesystem::path& folder) {
  return files.status(folder / kSnapshotName).kind != FileKind::kMissing;
}

std::optional<ApproximateIndex> approximate_index(const FileSystem& files,
                                                  const std::filesystem::path& folder,
                                                  const Manifest& manifest) {
  if (manifest.index_spec == "exact" || !has_snapshot(files, folder)) return std::nullopt;
  const auto path = folder / kSnapshotName;
  try {
    const auto file = files.map(path);
    index::ByteReader reader(file->bytes(), path.string());
    const SnapshotHead head = take_head(reader, manifest);
    return ApproximateIndex{index::spec_in_index_file(reader.left(), reader.name()),
                            static_cast<std::size_t>(head.images), head.recall};
  } catch (const Error&) {
    return std::nullopt;  // searches say what is wrong with it
  }
}

std::size_t require_covers(const Snapshot& snapshot, const EmbeddingTable& images, const StateRecord& state) {
  if (snapshot.head.generation > state.generation || snapshot.head.covered_below > state.next_image) {
    fail(ErrorCode::kBadFormat,
         "{}: was made from generation {}, the catalogue is at {}; build the index again", kSnapshotName,
         snapshot.head.generation, state.generation);
  }
  std::vector<std::int64_t> ids = snapshot.index->ids();
  std::sort(ids.begin(), ids.end());
  std::size_t gone = 0;
  std::size_t covered = 0;
  for (auto first = ids.begin(), end = first; first != ids.end(); first = end) {
    const std::int64_t id = *first;
    end = std::find_if(first, ids.end(), [&](std::int64_t other) { return other != id; });
    const auto count = static_cast<std::size_t>(end - first);
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
