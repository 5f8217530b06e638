#include "gallery/catalogue_checksum.h"

#include <algorithm>
#include <string>

#include "core/fail.h"
#include "core/hash.h"
#include "index/bytes.h"

namespace tandem::gallery {
namespace {

constexpr std::string_view kChecksumMagic = "TANDEMCS";
constexpr std::uint32_t kChecksumVersion = 1;
constexpr std::size_t kDigits = 32;  // of a uuid, and of a fingerprint
constexpr std::uint64_t kMaxChecksumBytes = 1024;

struct Stored {
  std::int64_t generation = 0;
  std::string fingerprint;
};

Stored read_stored(const FileSystem& files, const std::filesystem::path& path, const Manifest& manifest) {
  const std::string name = path.string();
  const auto bytes = files.read(path, kMaxChecksumBytes);
  index::ByteReader version_reader(bytes, name);
  index::require_magic(version_reader, kChecksumMagic, kChecksumVersion, "the checksum of a catalogue");
  index::ByteReader reader(index::require_checksum(bytes, name), name);
  index::require_magic(reader, kChecksumMagic, kChecksumVersion, "the checksum of a catalogue");
  if (const auto uuid = reader.get_text(kDigits); uuid != manifest.uuid) {
    fail(ErrorCode::kBadFormat, "{}: belongs to gallery {}, not to this one ({})", name, uuid, manifest.uuid);
  }
  Stored stored;
  stored.generation = reader.get<std::int64_t>();
  stored.fingerprint = reader.get_text(kDigits);
  if (!reader.left().empty()) {
    fail(ErrorCode::kBadFormat, "{}: has {} bytes, {} are wanted", name, bytes.size(),
         bytes.size() - reader.left().size());
  }
  return stored;
}

bool speaks_of(const FileSystem& files, const std::filesystem::path& path, const Manifest& manifest,
               std::int64_t generation) {
  try {
    return read_stored(files, path, manifest).generation == generation;
  } catch (const Error&) {
    return false;  // missing or damaged: it is derived, and written anew
  }
}

}  // namespace

void update_catalogue_checksum(FileSystem& files, const std::filesystem::path& folder,
                               const Manifest& manifest, Database& catalogue, std::int64_t generation) {
  const auto path = folder / kCatalogueChecksumName;
  if (speaks_of(files, path, manifest, generation)) return;
  index::ByteWriter writer;
  writer.put_text(kChecksumMagic);
  writer.put(kChecksumVersion);
  writer.put_text(manifest.uuid);
  writer.put(generation);
  writer.put_text(catalogue.file_fingerprint());
  writer.put_checksum();
  replace_file(files, path, writer.bytes());
}

void require_catalogue_checksum(const FileSystem& files, const std::filesystem::path& folder,
                                const Manifest& manifest, Database& catalogue, std::int64_t generation) {
  const auto path = folder / kCatalogueChecksumName;
  if (files.status(path).kind == FileKind::kMissing) return;
  const Stored stored = read_stored(files, path, manifest);
  if (stored.generation != generation || stored.fingerprint == catalogue.file_fingerprint()) return;
  fail(ErrorCode::kBadFormat,
       "{}: its bytes do not fit the checksum in {}; one of the two files was changed or damaged",
       catalogue.path().string(), kCatalogueChecksumName);
}

bool fits_but_for_its_version(const FileSystem& files, const std::filesystem::path& folder,
                              const Manifest& manifest, std::vector<std::byte> catalogue) {
  constexpr std::size_t kVersionOffset = 60;  // of user_version, big-endian
  if (catalogue.size() < kVersionOffset + 4) return false;
  std::fill_n(catalogue.begin() + kVersionOffset, 4, std::byte{0});
  catalogue[kVersionOffset + 3] = std::byte{kCatalogueVersion};
  Fingerprint fingerprint;
  fingerprint.update(catalogue);
  try {
    return read_stored(files, folder / kCatalogueChecksumName, manifest).fingerprint == fingerprint.hex();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace tandem::gallery
