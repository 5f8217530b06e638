#include "gallery/segment_writer.h"

#include <algorithm>
#include <set>

#include "core/hash.h"
#include "gallery/segment_reader.h"

namespace tandem::gallery {

SegmentWriter::SegmentWriter(FileSystem& files, std::filesystem::path folder, const Manifest& manifest,
                             const std::vector<SegmentRecord>& segments, std::int64_t next_id,
                             std::uint64_t max_bytes)
    : files_(files),
      folder_(std::move(folder)),
      manifest_(manifest),
      next_id_(next_id),
      max_bytes_(max_bytes) {
  remove_strays(segments);
  for (const SegmentRecord& record : segments) {
    cut(record);
    last_[record.kind] = record;  // by id, so the last one stays
  }
}

void SegmentWriter::cut(const SegmentRecord& record) {
  const auto path = folder_ / segment_file_name(record.kind, record.id);
  const auto header = manifest_.segment(record.kind, record.id);
  const std::uint64_t found = map_segment(files_, path, header, record.rows)->bytes().size();
  const std::uint64_t committed = header.file_bytes(record.rows);
  if (found != committed) files_.open_append(path)->truncate(committed);
}

void SegmentWriter::remove_strays(const std::vector<SegmentRecord>& segments) {
  std::set<std::string> known;
  for (const SegmentRecord& record : segments) known.insert(segment_file_name(record.kind, record.id));
  for (const auto& name : files_.list(folder_)) {
    if (is_segment_file_name(name.string()) && !known.contains(name.string())) files_.remove(folder_ / name);
  }
}

Extent SegmentWriter::append(SegmentKind kind, std::span<const std::byte> rows, std::uint64_t count) {
  Open& open = segment_for(kind, rows.size());
  const Extent extent{open.record.id, open.record.rows, count, checksum64(rows)};
  open.file->append(rows);
  open.bytes += rows.size();
  open.record.rows += count;
  grown_[open.record.id] = open.record;
  return extent;
}

SegmentWriter::Open& SegmentWriter::segment_for(SegmentKind kind, std::uint64_t bytes) {
  if (const auto last = last_.find(kind); last != last_.end()) {
    Open open{last->second, files_.open_append(folder_ / segment_file_name(kind, last->second.id)), 0};
    open.bytes = open.file->size();
    open_.insert_or_assign(kind, std::move(open));
    last_.erase(last);
  }
  auto found = open_.find(kind);
  const bool full =
      found != open_.end() && found->second.record.rows > 0 && found->second.bytes + bytes > max_bytes_;
  if (full) found->second.file->sync();
  if (full || found == open_.end()) found = open_.insert_or_assign(kind, create(kind)).first;
  return found->second;
}

SegmentWriter::Open SegmentWriter::create(SegmentKind kind) {
  const SegmentRecord record{next_id_, kind, 0};
  const auto header = format_segment_header(manifest_.segment(kind, record.id));
  Open open{record, files_.open_append(folder_ / segment_file_name(kind, record.id)), header.size()};
  open.file->append(header);
  ++next_id_;
  created_ = true;
  return open;
}

void SegmentWriter::begin_new_segment(SegmentKind kind) {
  open_.erase(kind);
  last_.erase(kind);
}

void SegmentWriter::remove(const SegmentRecord& record) {
  files_.remove(folder_ / segment_file_name(record.kind, record.id));
}

std::vector<SegmentRecord> SegmentWriter::sync() {
  for (auto& [kind, open] : open_) {
    if (grown_.contains(open.record.id)) open.file->sync();
  }
  if (created_) files_.sync_folder(folder_);
  created_ = false;
  std::vector<SegmentRecord> grown;
  for (const auto& [id, record] : grown_) grown.push_back(record);
  grown_.clear();
  return grown;
}

}  // namespace tandem::gallery
