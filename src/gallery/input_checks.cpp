#include "gallery/input_checks.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/utf8.h"
#include "gallery/gallery.h"

namespace tandem::gallery {
namespace {

void require_metadata(const std::string& metadata, const std::string& what) {
  if (metadata.empty()) return;
  const auto json = nlohmann::json::parse(metadata, nullptr, false);
  if (!json.is_object()) fail(ErrorCode::kInvalidArgument, "{}: metadata is not a JSON object", what);
}

}  // namespace

void require_unit_rows(MatrixView rows, std::size_t count, std::size_t dimension, const std::string& what) {
  if (rows.rows() != count || rows.columns() != dimension) {
    fail(ErrorCode::kInvalidArgument, "{}: embedding is {} × {}, {} × {} is wanted", what, rows.rows(),
         rows.columns(), count, dimension);
  }
  for (std::size_t i = 0; i < count; ++i) {
    double squares = 0;
    for (const float value : rows.row(i)) squares += double{value} * value;
    if (!(std::fabs(std::sqrt(squares) - 1) <= kLengthTolerance)) {
      fail(ErrorCode::kInvalidArgument,
           "{}: row {} of the embedding has length {}, 1 is wanted; normalise it", what, i,
           std::sqrt(squares));
    }
  }
}

void require_file(const std::filesystem::path& path, const FileStamp& stamp) {
  if (!path.has_filename() ||
      stamp.bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    fail(ErrorCode::kInvalidArgument, "{}: is not the path of a file, or its size ({}) is not one",
         path.string(), stamp.bytes);
  }
}

void require_record(const std::filesystem::path& path, const ImageRecord& record) {
  const std::string name = path.string();
  require_file(path, record.stamp);
  require_metadata(record.metadata, name);
  require_utf8(record.content_hash, name + ": content hash");
}

void require_caption(const NewCaption& caption, std::size_t dimension, const std::string& what) {
  require_utf8(caption.text.text, what + ": caption");
  require_utf8(caption.text.language, what + ": language of a caption");
  require_unit_rows(MatrixView(caption.embedding.data(), 1, caption.embedding.size()), 1, dimension,
                    what + ": caption");
}

}  // namespace tandem::gallery
