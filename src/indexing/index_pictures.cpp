#include "indexing/index_pictures.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "encoders/capabilities.h"
#include "gallery/manifest.h"
#include "indexing/captions.h"
#include "indexing/find_pictures.h"
#include "indexing/index_run.h"
#include "indexing/outcome.h"
#include "indexing/vanished.h"
#include "regions/region_library.h"
#include "tandem/regions.h"

namespace tandem {
namespace indexing {

namespace fs = std::filesystem;

namespace {

// A region file in place of which its pictures are taken; one that cannot be opened stays, to be skipped with
// the reason.
std::vector<fs::path> single_pictures(std::span<const fs::path> files,
                                      const regions::RegionLibrary& library) {
  std::vector<fs::path> pictures;
  for (const fs::path& file : files) {
    if (!is_region_file(file)) {
      pictures.push_back(file);
      continue;
    }
    const auto names = attempt([&] { return library.pictures_in(absolute_path(file)); });
    if (const auto* found = std::get_if<std::vector<fs::path>>(&names)) {
      pictures.insert(pictures.end(), found->begin(), found->end());
    } else {
      pictures.push_back(file);
    }
  }
  return pictures;
}

// What of a scan a model reads: region files and what was named, or photos and what was named.
std::vector<fs::path> files_for(const ModelInfo& model, const PictureScan& scan) {
  if (!model.reads_regions) return scan.pictures;
  std::vector<fs::path> files = scan.region_files;
  for (const fs::path& path : scan.pictures) {
    const bool is_named = std::ranges::find(scan.roots, path) != scan.roots.end();
    if (is_named || model.reads_photos) files.push_back(path);
  }
  return files;
}

IndexReport index_names(GalleryWriter& gallery, const std::shared_ptr<const Model>& model,
                        std::span<const fs::path> pictures, const IndexOptions& options, const Seams& seams,
                        const regions::RegionLibrary& library) {
  require_image_embedding(model->info());
  gallery::require_same_model(gallery.info(), model->info());
  Captions captions;
  if (!options.captions_file.empty()) {
    require_text_embedding(model->info());
    captions = Captions(seams.files, options.captions_file);
  }
  return IndexRun(gallery, model, captions, options, seams, library, pictures.size()).run(pictures);
}

void check(const std::shared_ptr<const Model>& model, const IndexOptions& options) {
  options.validate();
  if (!model) fail(ErrorCode::kInvalidArgument, "no model was given; load one with Model::load()");
}

}  // namespace

IndexReport index_pictures(GalleryWriter& gallery, std::shared_ptr<const Model> model,
                           std::span<const fs::path> pictures, const IndexOptions& options,
                           const Seams& seams) {
  check(model, options);
  const regions::RegionLibrary library;
  return index_names(gallery, model, single_pictures(pictures, library), options, seams, library);
}

IndexReport index_scan(GalleryWriter& gallery, std::shared_ptr<const Model> model, const PictureScan& scan,
                       const IndexOptions& options, const Seams& seams) {
  check(model, options);
  const regions::RegionLibrary library;
  PictureScan read = scan;
  read.pictures = single_pictures(files_for(model->info(), scan), library);
  std::ranges::sort(read.pictures);
  IndexReport report = index_names(gallery, model, read.pictures, options, seams, library);
  const std::size_t seen =
      report.added + report.duplicates + report.moved + report.updated + report.unchanged + report.skipped;
  const GalleryInfo& info = gallery.info();
  if (seen == info.images + info.skipped) return report;  // nothing else is in the gallery
  const auto vanished = find_vanished(seams.files, *seams.open_gallery(info.path), read);
  report.pruned = options.prune ? prune(gallery, vanished, read) : 0;
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
