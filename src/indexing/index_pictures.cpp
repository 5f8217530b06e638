#include "indexing/index_pictures.h"

#include <utility>

#include "core/fail.h"
#include "encoders/capabilities.h"
#include "gallery/manifest.h"
#include "indexing/captions.h"
#include "indexing/find_pictures.h"
#include "indexing/index_run.h"
#include "indexing/vanished.h"

namespace tandem {
namespace indexing {

namespace fs = std::filesystem;

IndexReport index_pictures(GalleryWriter& gallery, std::shared_ptr<const Model> model,
                           std::span<const fs::path> pictures, const IndexOptions& options,
                           const Seams& seams) {
  options.validate();
  if (!model) fail(ErrorCode::kInvalidArgument, "no model was given; load one with Model::load()");
  require_image_embedding(model->info());
  gallery::require_same_model(gallery.info(), model->info());
  Captions captions;
  if (!options.captions_file.empty()) {
    require_text_embedding(model->info());
    captions = Captions(seams.files, options.captions_file);
  }
  return IndexRun(gallery, model, captions, options, seams, pictures.size()).run(pictures);
}

IndexReport index_scan(GalleryWriter& gallery, std::shared_ptr<const Model> model, const PictureScan& scan,
                       const IndexOptions& options, const Seams& seams) {
  IndexReport report = index_pictures(gallery, std::move(model), scan.pictures, options, seams);
  const std::size_t seen =
      report.added + report.duplicates + report.moved + report.updated + report.unchanged + report.skipped;
  const GalleryInfo& info = gallery.info();
  if (seen == info.images + info.skipped) return report;  // nothing else is in the gallery
  const auto vanished = find_vanished(seams.files, *seams.open_gallery(info.path), scan);
  report.pruned = options.prune ? prune(gallery, vanished, scan) : 0;
  report.vanished = vanished.size() - report.pruned;
  return report;
}

}  // namespace indexing

IndexReport index_pictures(GalleryWriter& gallery, std::shared_ptr<const Model> model,
                           std::span<const std::filesystem::path> pictures, const IndexOptions& options) {
  return indexing::index_pictures(gallery, std::move(model), pictures, options, indexing::Seams());
}

IndexReport index_scan(GalleryWriter& gallery, std::shared_ptr<const Model> model, const PictureScan& scan,
                       const IndexOptions& options) {
  return indexing::index_scan(gallery, std::move(model), scan, options, indexing::Seams());
}

}  // namespace tandem
