#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "gallery/catalogue.h"

namespace tandem::gallery {
namespace {

class Checker {
 public:
  Checker(const CatalogueContents& contents, const Manifest& manifest,
          const std::function<void(const std::string&)>& report)
      : contents_(contents), manifest_(manifest), report_(report) {}

  void check() {
    check_manifest();
    check_counts();
    for (const auto& folder : contents_.folders) folders_.insert(folder.id);
    for (const auto& segment : contents_.segments) {
      segments_[segment.id] = &segment;
      check_id(segment.id, contents_.state.next_segment, "segment");
    }
    check_images();
    check_captions();
    for (const auto& skip : contents_.skipped) check_folder(skip.folder, "a skipped file");
    for (const auto& hole : contents_.holes) note_extent(hole.extent, nullptr, 0, "a hole");
    check_tiling();
  }

 private:
  template <typename... Args>
  void problem(fmt::format_string<Args...> format, Args&&... args) {
    report_(fmt::format("{}: {}", kCatalogueName, fmt::format(format, std::forward<Args>(args)...)));
  }

  void check_manifest() {
    try {
      require_same_gallery(contents_.manifest, manifest_, kCatalogueName);
    } catch (const Error& error) {
      report_(error.what());
    }
  }

  void check_count(std::int64_t wanted, std::size_t found, const char* what) {
    if (wanted != static_cast<std::int64_t>(found)) {
      problem("has {} {}, its state row says {}", found, what, wanted);
    }
  }

  void check_counts() {
    check_count(contents_.state.images, contents_.images.size(), "pictures");
    check_count(contents_.state.captions, contents_.captions.size(), "captions");
    check_count(contents_.state.skipped, contents_.skipped.size(), "skipped files");
  }

  void check_id(std::int64_t id, std::int64_t next, const char* what) {
    if (id < 1 || id >= next) problem("{} {} is not within 1 and {}", what, id, next - 1);
  }

  void check_folder(std::int64_t folder, const std::string& what) {
    if (!folders_.contains(folder)) problem("{} lies in folder {}, which is not there", what, folder);
  }

  void check_images() {
    const SegmentKind embeddings = SegmentKind::kImages;
    const SegmentKind tokens = SegmentKind::kTokens;
    for (const auto& image : contents_.images) {
      const std::string what = fmt::format("picture {}", image.record.id);
      check_id(image.record.id, contents_.state.next_image, "picture");
      check_folder(image.folder, what);
      note_extent(image.embedding, &embeddings, manifest_.embedding_rows, what);
      if (manifest_.tokens == TokenStorage::kNone) {
        if (image.tokens != Extent()) problem("{} has tokens, the manifest says that none are stored", what);
      } else {
        note_extent(image.tokens, &tokens, 0, what);
      }
    }
  }

  void check_captions() {
    const SegmentKind kind = SegmentKind::kCaptions;
    std::unordered_set<ImageId> images;
    for (const auto& image : contents_.images) images.insert(image.record.id);
    for (const auto& caption : contents_.captions) {
      const std::string what = fmt::format("caption {}", caption.record.id);
      check_id(caption.record.id, contents_.state.next_caption, "caption");
      if (!images.contains(caption.record.image)) {
        problem("{} belongs to picture {}, which is not there", what, caption.record.image);
      }
      note_extent(caption.embedding, &kind, 1, what);
    }
  }

  // Rows of `what`, in a segment of `kind` (any if null), `count` of them (any but none if 0).
  void note_extent(const Extent& extent, const SegmentKind* kind, std::uint64_t count,
                   const std::string& what) {
    const auto segment = segments_.find(extent.segment);
    if (segment == segments_.end()) {
      problem("{} has rows in segment {}, which is not there", what, extent.segment);
    } else if (kind != nullptr && segment->second->kind != *kind) {
      problem("{} has rows in segment {}, which is of another kind", what, extent.segment);
    } else if (extent.count == 0 || (count != 0 && extent.count != count)) {
      problem("{} has {} rows in segment {}, {} are wanted", what, extent.count, extent.segment,
              std::max<std::uint64_t>(count, 1));
    } else {
      extents_.push_back(extent);
    }
  }

  // Each row of each segment belongs to just one record or hole.
  void check_tiling() {
    std::sort(extents_.begin(), extents_.end());
    std::map<std::int64_t, std::uint64_t> ends;
    for (const auto& segment : contents_.segments) ends[segment.id] = 0;
    for (const auto& extent : extents_) {
      std::uint64_t& end = ends[extent.segment];
      if (extent.first != end) {
        problem("segment {}: after row {} comes row {}: rows that belong to nobody, or to two",
                extent.segment, end, extent.first);
      }
      end = extent.first + extent.count;
    }
    for (const auto& segment : contents_.segments) {
      if (ends[segment.id] != segment.rows) {
        problem("segment {}: has {} rows, {} belong to something", segment.id, segment.rows,
                ends[segment.id]);
      }
    }
  }

  const CatalogueContents& contents_;
  const Manifest& manifest_;
  const std::function<void(const std::string&)>& report_;
  std::unordered_set<std::int64_t> folders_;
  std::map<std::int64_t, const SegmentRecord*> segments_;
  std::vector<Extent> extents_;
};

}  // namespace

void check_contents(const CatalogueContents& contents, const Manifest& manifest,
                    const std::function<void(const std::string&)>& report) {
  Checker(contents, manifest, report).check();
}

}  // namespace tandem::gallery
