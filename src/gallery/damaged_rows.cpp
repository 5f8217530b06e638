#include "gallery/damaged_rows.h"

#include <cmath>

#include "core/fail.h"
#include "gallery/gallery.h"
#include "gallery/token_codec.h"

namespace tandem::gallery {
namespace {

class RowsCheck {
 public:
  RowsCheck(Damage& damage, const std::function<void(const std::string&)>& problem,
            const std::stop_token& stop)
      : damage_(damage), problem_(problem), stop_(stop) {}

  void find() {
    for (const auto& image : damage_.contents.images) {
      const std::string what = fmt::format("picture {}", image.record.id);
      const bool embedding = is_good(image.embedding, what, true);
      const bool tokens = image.tokens.segment == 0 || is_good(image.tokens, what, false);
      if (!embedding || !tokens) damage_.images.insert(image.record.id);
    }
    for (const auto& caption : damage_.contents.captions) {
      if (!is_good(caption.embedding, fmt::format("caption {}", caption.record.id), true)) {
        damage_.captions.insert(caption.record.id);
      }
    }
    for (std::size_t i = 0; i < damage_.contents.holes.size(); ++i) {
      // Those of a rebuilt catalogue have no checksums yet.
      if (damage_.catalogue || !is_intact(damage_.contents.holes[i].extent, "what was removed")) {
        damage_.holes.push_back(i);
      }
    }
  }

 private:
  bool is_intact(const Extent& extent, const std::string& what) {
    require_no_stop(stop_, damage_.folder);
    const SegmentCondition& segment = damage_.segments.at(extent.segment);
    const auto bytes = segment.bytes(extent);
    if (!bytes) return false;  // the file is named already
    damage_.report.bytes_checked += bytes->size();
    if (segment.has_intact(extent)) return true;
    problem_(
        fmt::format("{}: the rows {} to {} of {} do not fit their checksum; the file is damaged",
                    (damage_.folder / segment_file_name(segment.record.kind, segment.record.id)).string(),
                    extent.first, extent.first + extent.count - 1, what));
    return false;
  }

  bool is_good(const Extent& extent, const std::string& what, bool unit_length) {
    if (!is_intact(extent, what)) return false;
    const SegmentCondition& segment = damage_.segments.at(extent.segment);
    const Matrix rows = decode_rows(*segment.bytes(extent), segment.header.type, segment.header.width);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      double squares = 0;
      for (const float value : rows.row(i)) squares += double{value} * value;
      if (std::isfinite(squares) && (!unit_length || std::fabs(std::sqrt(squares) - 1) <= kLengthTolerance)) {
        continue;
      }
      problem_(fmt::format("{}: {} has a vector of length {}, {} is wanted", damage_.folder.string(), what,
                           std::sqrt(squares), unit_length ? "1" : "a finite one"));
      return false;
    }
    return true;
  }

  Damage& damage_;
  const std::function<void(const std::string&)>& problem_;
  const std::stop_token& stop_;
};

}  // namespace

void find_damaged_rows(Damage& damage, const std::function<void(const std::string&)>& problem,
                       const std::stop_token& stop) {
  RowsCheck(damage, problem, stop).find();
}

void require_no_stop(const std::stop_token& stop, const std::filesystem::path& folder) {
  if (stop.stop_requested()) fail(ErrorCode::kCancelled, "{}: verifying was stopped", folder.string());
}

}  // namespace tandem::gallery
