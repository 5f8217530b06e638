#include "gallery/catalogue_writer.h"

#include <algorithm>

#include "core/fail.h"

namespace tandem::gallery {
namespace {

// A path is looked for in both ways in which it may be stored.
constexpr const char* kAtPath =
    "folder IN (SELECT id FROM folders WHERE (relative = 1 AND path = ?1) OR (relative = 0 AND path = ?2)) "
    "AND name = ?3";

std::string with_path(const char* head) { return fmt::format("{} WHERE {}", head, kAtPath); }

}  // namespace

CatalogueWriter::CatalogueWriter(const std::filesystem::path& path)
    : gallery_(path.parent_path()),
      database_(path, Database::Mode::kWrite),
      state_((require_catalogue(database_), read_state(database_))),
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

bool CatalogueWriter::has_image(ImageId id) {
  return database_.integer(fmt::format("SELECT count(*) FROM images WHERE id = {}", id)) > 0;
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
  Statement statement(database_, "SELECT * FROM images WHERE folder = ? ORDER BY id");
  for (const std::int64_t folder : folders_within(path)) {
    statement.bind({folder});
    while (statement.step()) images.push_back(parse_row<StoredImage>(statement.row(), database_));
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

void CatalogueWriter::add_hole(const Extent& extent) {
  if (extent.segment != 0) insert(HoleRecord{extent});
}

void CatalogueWriter::remove_image(const StoredImage& image) {
  begin();
  Statement captions(database_, "SELECT * FROM captions WHERE image = ?");
  captions.bind({image.record.id});
  std::vector<Extent> holes = {image.embedding, image.tokens};
  while (captions.step()) {
    holes.push_back(parse_row<StoredCaption>(captions.row(), database_).embedding);
    --state_.captions;
  }
  for (const Extent& hole : holes) add_hole(hole);
  Statement(database_, "DELETE FROM captions WHERE image = ?").run({image.record.id});
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

void CatalogueWriter::commit(const std::vector<SegmentRecord>& grown, std::int64_t next_segment) {
  for (const SegmentRecord& segment : grown) insert(segment, "REPLACE");
  state_.next_segment = next_segment;
  ++state_.generation;
  insert(state_, "REPLACE");
  database_.execute("COMMIT");
}

}  // namespace tandem::gallery
