#include "gallery/compaction.h"

#include <fmt/format.h>

#include <set>

#include "gallery/segment_reader.h"

namespace tandem::gallery {

std::vector<SegmentRecord> segments_with_holes(CatalogueWriter& catalogue) {
  std::set<std::int64_t> with_holes;
  for (const HoleRecord& hole : catalogue.holes()) with_holes.insert(hole.extent.segment);
  std::vector<SegmentRecord> segments = catalogue.segments();
  std::erase_if(segments, [&](const SegmentRecord& segment) { return !with_holes.contains(segment.id); });
  return segments;
}

void rewrite_segment(const FileSystem& files, const std::filesystem::path& folder, const Manifest& manifest,
                     const SegmentRecord& segment, CatalogueWriter& catalogue, SegmentWriter& segments) {
  const SegmentReader reader(files, folder, manifest, segment);
  const auto move_rows = [&](Extent& extent, const char* what, std::int64_t id) {
    reader.require_intact(extent, fmt::format("{} {}", what, id));
    extent = segments.append(segment.kind, reader.bytes(extent), extent.count);
  };
  if (segment.kind == SegmentKind::kCaptions) {
    for (StoredCaption& caption : catalogue.captions_in(segment)) {
      move_rows(caption.embedding, "caption", caption.record.id);
      catalogue.replace(caption);
    }
  } else {
    for (StoredImage& image : catalogue.images_in(segment)) {
      move_rows(segment.kind == SegmentKind::kTokens ? image.tokens : image.embedding, "picture",
                image.record.id);
      catalogue.replace(image);
    }
  }
  catalogue.remove_segment(segment);
}

}  // namespace tandem::gallery
