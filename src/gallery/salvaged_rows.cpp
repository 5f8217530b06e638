#include "gallery/salvaged_rows.h"

namespace tandem::gallery {
namespace {

// The row as a record of that table; nothing where it is none.
template <typename Record>
std::optional<Record> record_of(const Row& row) {
  using Kind = Table<Record>;
  if (row.size() != static_cast<std::size_t>(Kind::kColumns) || !is_sealed(Kind::kName, row)) {
    return std::nullopt;
  }
  try {
    RowReader reader(row, Kind::kName, Kind::kColumns, "");
    Record record;
    from_row(reader, record);
    return record;
  } catch (const Error&) {
    return std::nullopt;
  }
}

class Collector {
 public:
  SalvagedRows collect(std::span<const std::byte> file, std::size_t most_tries) {
    visit_pages(file,
                {.row = [this](const Row& row) { return take_row(row); },
                 .damaged_row = [this](const Row& row) { take_damaged(row); },
                 .entry = [this](const Row& row) { take_entry(row); }},
                most_tries);
    return std::move(rows_);
  }

 private:
  bool take_row(const Row& row) {
    if (auto image = record_of<StoredImage>(row)) {
      rows_.images.emplace(image->record.id, std::move(*image));
    } else if (auto caption = record_of<StoredCaption>(row)) {
      rows_.captions.emplace(caption->record.id, std::move(*caption));
    } else if (auto skip = record_of<StoredSkip>(row)) {
      rows_.skipped.push_back(std::move(*skip));
    } else if (auto folder = record_of<FolderRecord>(row)) {
      rows_.folders.emplace(folder->id, std::move(*folder));
    } else if (auto segment = record_of<SegmentRecord>(row)) {
      rows_.segments.emplace(segment->id, *segment);
    } else if (auto state = record_of<StateRecord>(row)) {
      rows_.state = *state;
    } else if (auto manifest = record_of<ManifestRecord>(row)) {
      rows_.manifest = std::move(manifest);
    } else {
      return record_of<HoleRecord>(row) || is_schema(row);
    }
    return true;
  }

  // SQLite's own table of tables has rows without a checksum; what they say is known.
  static bool is_schema(const Row& row) {
    const auto* type = row.size() == 5 ? std::get_if<std::string>(&row[0]) : nullptr;
    return type != nullptr && (*type == "table" || *type == "index");
  }

  void take_damaged(const Row& row) {
    const auto* id = row.empty() ? nullptr : std::get_if<std::int64_t>(&row[0]);
    if (id == nullptr) return;
    if (row.size() == Table<StoredCaption>::kColumns) {
      if (const auto* text = std::get_if<std::string>(&row[2])) rows_.damaged_captions.push_back(*text);
      return;
    }
    const bool is_image = row.size() == Table<StoredImage>::kColumns;
    if (!is_image && row.size() != Table<FolderRecord>::kColumns) return;
    const auto* parent = std::get_if<std::int64_t>(&row[1]);
    const auto* name = std::get_if<Blob>(&row[2]);
    if (parent == nullptr || name == nullptr) return;
    (is_image ? rows_.image_hints : rows_.folder_hints).push_back({*id, *parent, name->bytes, true});
  }

  // Indexes of pictures and folders have entries of the same kind; those of skipped files too, and what these
  // say must fit nothing else.
  void take_entry(const Row& row) {
    if (row.size() != 3) return;
    const auto* parent = std::get_if<std::int64_t>(&row[0]);
    const auto* name = std::get_if<Blob>(&row[1]);
    const auto* id = std::get_if<std::int64_t>(&row[2]);
    if (parent == nullptr || name == nullptr || id == nullptr) return;
    rows_.image_hints.push_back({*id, *parent, name->bytes, false});
    if (*parent == 0 || *parent == 1) rows_.folder_hints.push_back({*id, *parent, name->bytes, false});
  }

  SalvagedRows rows_;
};

}  // namespace

SalvagedRows salvage_rows(std::span<const std::byte> file, std::size_t most_tries) {
  return Collector().collect(file, most_tries);
}

}  // namespace tandem::gallery
