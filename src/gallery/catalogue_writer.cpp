#include "gallery/catalogue_writer.h"

#include <algorithm>
#include <iterator>

#include "core/fail.h"
#include "gallery/catalogue_checksum.h"

namespace tandem::gallery {
namespace {

// A path is looked for in both ways in which it may be stored.
constexpr const char* kAtPath =
    "folder IN (SELECT id FROM folders WHERE (relative = 1 AND path = ?1) OR (relative = 0 AND path = ?2)) "
    "AND name = ?3";

std::string with_path(const char* head) { return fmt::format("{} WHERE {}", head, kAtPath); }

}  // namespace

CatalogueWriter::CatalogueWriter(const std::filesystem::path& path, const char* vfs)
    : gallery_(path.parent_path()),
      database_(path, Database::Mode::kWrite, vfs),
      state_((require_catalogue(database_), read_state(database_))),
      hole_rows_(read_segments(database_), read_holes(database_)),
      find_image_(database_, with_path("SELECT * FROM images")),
      find_skip_(database_, with_path("SELECT * FROM skipped")),
      find_folder_(database_, "SELECT * FROM folders WHERE relative = ? AND path = ?"),
      remove_skip_(database_, with_path("DELETE FROM skipped")) {}

void CatalogueWriter::begin() {
  if (!database_.in_transaction()) database_.execute("BEGIN IMMEDIATE");
}

Row CatalogueWriter::key_of(const std::filesystem::path& path) const {
  const auto folder = path.parent_path();
  return {Blob{folder.lexically_relative(gallery_).string()}, Blob{folder.string()},
          Blob{path.filename().string()}};
}

template <typename Record>
std::optional<Record> CatalogueWriter::find(Statement& statement, const Row& key) {
  std::optional<Record> record;
  statement.bind(key);
  while (statement.step()) record = parse_row<Record>(statement.row(), database_);
  return record;
}

template <typename Record>
void CatalogueWriter::insert(const Record& record, const char* verb) {
  begin();
  using Kind = Table<Record>;
  Statement(database_, insertion(verb, Kind::kName, Kind::kColumns)).run(sealed_row(record));
}

std::optional<StoredImage> CatalogueWriter::find_image(const std::filesystem::path& path) {
  return find<StoredImage>(find_image_, key_of(path));
}

std::optional<StoredSkip> CatalogueWriter::find_skip(const std::filesystem::path& path) {
  return find<StoredSkip>(find_skip_, key_of(path));
}

std::optional<StoredImage> CatalogueWriter::find_image(ImageId id) {
  auto images = select<StoredImage>("SELECT * FROM images WHERE id = ?", {id});
  return images.empty() ? std::nullopt : std::optional(std::move(images.front()));
}

template <typename Record>
std::vector<Record> CatalogueWriter::select(const std::string& sql, const Row& parameters) {
  std::vector<Record> records;
  Statement statement(database_, sql);
  statement.bind(parameters);
  while (statement.step()) records.push_back(parse_row<Record>(statement.row(), database_));
  return records;
}

std::vector<std::int64_t> CatalogueWriter::folders_within(const std::filesystem::path& path) {
  std::vector<std::int64_t> ids;
  for (const FolderRecord& folder : read_folders(database_)) {
    if (is_within(absolute_folder(gallery_, folder.folder), path)) ids.push_back(folder.id);
  }
  return ids;
}

std::vector<StoredImage> CatalogueWriter::images_within(const std::filesystem::path& path) {
  std::vector<StoredImage> images;
  for (const std::int64_t folder : folders_within(path)) {
    std::ranges::move(select<StoredImage>("SELECT * FROM images WHERE folder = ? ORDER BY id", {folder}),
                      std::back_inserter(images));
  }
  if (auto image = find_image(path)) images.push_back(std::move(*image));
  return images;
}

std::int64_t CatalogueWriter::folder_id(const std::filesystem::path& folder) {
  const StoredFolder stored = stored_folder(gallery_, folder);
  const Row key = {std::int64_t{stored.relative}, Blob{stored.path}};
  if (const auto known = find<FolderRecord>(find_folder_, key)) return known->id;
  const std::int64_t id = state_.next_folder++;
  insert(FolderRecord{id, stored});
  return id;
}

ImageId CatalogueWriter::add_image(const std::filesystem::path& path, StoredImage image) {
  begin();
  image.folder = folder_id(path.parent_path());
  image.name = path.filename().string();
  image.record.id = state_.next_image++;
  insert(image);
  ++state_.images;
  return image.record.id;
}

void CatalogueWriter::update_image(const std::filesystem::path& path, StoredImage image) {
  begin();
  image.folder = folder_id(path.parent_path());
  image.name = path.filename().string();
  replace(image);
}

CaptionId CatalogueWriter::add_caption(StoredCaption caption) {
  caption.record.id = state_.next_caption++;
  insert(caption);
  ++state_.captions;
  return caption.record.id;
}

void CatalogueWriter::add_skip(const std::filesystem::path& path, StoredSkip skip) {
  begin();
  skip.folder = folder_id(path.parent_path());
  skip.name = path.filename().string();
  insert(skip);
  ++state_.skipped;
}

void CatalogueWriter::add_hole(SegmentKind kind, const Extent& extent) {
  if (extent.segment == 0) return;
  insert(HoleRecord{extent});
  hole_rows_.add(kind, extent.count);
}

std::vector<StoredCaption> CatalogueWriter::take_captions(ImageId image) {
  begin();
  auto captions = select<StoredCaption>("SELECT * FROM captions WHERE image = ? ORDER BY id", {image});
  Statement(database_, "DELETE FROM captions WHERE image = ?").run({image});
  state_.captions -= static_cast<std::int64_t>(captions.size());
  return captions;
}

void CatalogueWriter::give_captions(std::vector<StoredCaption> captions, ImageId image) {
  for (StoredCaption& caption : captions) {
    caption.record.image = image;
    insert(caption);
    ++state_.captions;
  }
}

void CatalogueWriter::remove_image(const StoredImage& image) {
  begin();
  add_hole(SegmentKind::kImages, image.embedding);
  add_hole(SegmentKind::kTokens, image.tokens);
  for (const StoredCaption& caption : take_captions(image.record.id)) {
    add_hole(SegmentKind::kCaptions, caption.embedding);
  }
  Statement(database_, "DELETE FROM images WHERE id = ?").run({image.record.id});
  --state_.images;
}

void CatalogueWriter::remove_skip(const std::filesystem::path& path) {
  if (!find_skip(path)) return;
  begin();
  remove_skip_.run(key_of(path));
  --state_.skipped;
}

void CatalogueWriter::remove_skips_within(const std::filesystem::path& path) {
  remove_skip(path);
  for (const std::int64_t folder : folders_within(path)) {
    const auto count =
        database_.integer(fmt::format("SELECT count(*) FROM skipped WHERE folder = {}", folder));
    if (count == 0) continue;
    begin();
    database_.execute(fmt::format("DELETE FROM skipped WHERE folder = {}", folder));
    state_.skipped -= count;
  }
}

std::vector<StoredImage> CatalogueWriter::images_in(const SegmentRecord& segment) {
  return segment.kind == SegmentKind::kTokens
             ? select<StoredImage>("SELECT * FROM images WHERE token_segment = ? ORDER BY token_first",
                                   {segment.id})
             : select<StoredImage>("SELECT * FROM images WHERE segment = ? ORDER BY first", {segment.id});
}

std::vector<StoredCaption> CatalogueWriter::captions_in(const SegmentRecord& segment) {
  return select<StoredCaption>("SELECT * FROM captions WHERE segment = ? ORDER BY first", {segment.id});
}

void CatalogueWriter::remove_segment(const SegmentRecord& segment) {
  begin();
  const auto rows = database_.integer(
      fmt::format("SELECT coalesce(sum(count), 0) FROM holes WHERE segment = {}", segment.id));
  hole_rows_.take(segment.kind, static_cast<std::uint64_t>(rows));
  Statement(database_, "DELETE FROM holes WHERE segment = ?").run({segment.id});
  Statement(database_, "DELETE FROM segments WHERE id = ?").run({segment.id});
}

void CatalogueWriter::remove_empty_folders() {
  constexpr const char* kEmpty =
      "id NOT IN (SELECT folder FROM images) AND id NOT IN (SELECT folder FROM skipped)";
  begin();
  database_.execute(fmt::format("DELETE FROM folders WHERE {}", kEmpty));
}

void CatalogueWriter::update_checksum(FileSystem& files, const Manifest& manifest) {
  const ReadTransaction transaction(database_);
  // As it is in the file: a commit that failed has counted on.
  update_catalogue_checksum(files, gallery_, manifest, database_, read_state(database_).generation);
}

void CatalogueWriter::commit(const std::vector<SegmentRecord>& grown, std::int64_t next_segment) {
  for (const SegmentRecord& segment : grown) insert(segment, "REPLACE");
  state_.next_segment = next_segment;
  ++state_.generation;
  insert(state_, "REPLACE");
  database_.execute("COMMIT");
}

}  // namespace tandem::gallery
