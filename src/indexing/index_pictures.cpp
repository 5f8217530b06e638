#include "indexing/index_pictures.h"

#include <algorithm>
#include <vector>

#include "core/fail.h"
#include "encoders/capabilities.h"
#include "gallery/gallery_models.h"
#include "indexing/captions.h"
#include "indexing/find_pictures.h"
#include "indexing/index_run.h"
#include "indexing/outcome.h"
#include "indexing/vanished.h"
#include "regions/formats.h"
#include "regions/region_library.h"
#include "tandem/regions.h"

namespace tandem {
namespace indexing {

namespace fs = std::filesystem;

TagsById tags_of(const IndexOptions& options, const Seams& seams) {
  return options.tags_file.empty() ? TagsById() : regions::read_tags(options.tags_file, seams.files);
}

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

// What all models of a gallery read.
struct Reads {
  bool photos = true;
  bool regions = true;
};

// Throws InvalidArgument where one reads photos and the other regions.
Reads read_by(const ModelPair& models) {
  Reads reads;
  for (const auto& model : {models.model, models.matching()}) {
    reads.photos = reads.photos && model->info().reads_photos;
    reads.regions = reads.regions && model->info().reads_regions;
  }
  if (!reads.photos && !reads.regions) {
    const ModelInfo& first = models.model->info();
    fail(ErrorCode::kInvalidArgument,
         "no picture serves both models: {} reads {}, {} reads {}; load the one that reads regions with a "
         "detector, which finds them in photos",
         first.path.string(), first.reads_photos ? "photos" : "regions",
         models.reranker->info().path.string(), first.reads_photos ? "regions" : "photos");
  }
  return reads;
}

// What of a scan is taken: what was named, and of folders what the models read.
std::vector<fs::path> files_for(const Reads& reads, const PictureScan& scan) {
  std::vector<fs::path> files;
  if (reads.regions) files = scan.region_files;
  for (const fs::path& path : scan.pictures) {
    const bool is_named = std::ranges::find(scan.roots, path) != scan.roots.end();
    if (is_named || reads.photos) files.push_back(path);
  }
  return files;
}

IndexReport index_names(GalleryWriter& gallery, const ModelPair& models, std::span<const fs::path> pictures,
                        const IndexOptions& options, const Seams& seams,
                        const regions::RegionLibrary& library) {
  require_image_embedding(models.model->info());
  gallery::require_same_makers(gallery.info(), gallery::infos_of(models));
  Captions captions;
  if (!options.captions_file.empty()) {
    require_text_embedding(models.model->info());
    captions = Captions(seams.files, options.captions_file);
  }
  return IndexRun(gallery, models, captions, options, seams, library, pictures.size()).run(pictures);
}

void check(const ModelPair& models, const IndexOptions& options) {
  options.validate();
  if (!models.model) fail(ErrorCode::kInvalidArgument, "no model was given; load one with Model::load()");
}

}  // namespace

IndexReport index_pictures(GalleryWriter& gallery, const ModelPair& models,
                           std::span<const fs::path> pictures, const IndexOptions& options,
                           const Seams& seams) {
  check(models, options);
  read_by(models);
  const TagsById tags = tags_of(options, seams);
  const regions::RegionLibrary library(&tags);
  return index_names(gallery, models, single_pictures(pictures, library), options, seams, library);
}

IndexReport index_scan(GalleryWriter& gallery, const ModelPair& models, const PictureScan& scan,
                       const IndexOptions& options, const Seams& seams) {
  check(models, options);
  const TagsById tags = tags_of(options, seams);
  const regions::RegionLibrary library(&tags);
  PictureScan read = scan;
  read.pictures = single_pictures(files_for(read_by(models), scan), library);
  std::ranges::sort(read.pictures);
  IndexReport report = index_names(gallery, models, read.pictures, options, seams, library);
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

IndexReport index_pictures(GalleryWriter& gallery, const ModelPair& models,
                           std::span<const std::filesystem::path> pictures, const IndexOptions& options) {
  return indexing::index_pictures(gallery, models, pictures, options, indexing::Seams());
}

IndexReport index_scan(GalleryWriter& gallery, const ModelPair& models, const PictureScan& scan,
                       const IndexOptions& options) {
  return indexing::index_scan(gallery, models, scan, options, indexing::Seams());
}

}  // namespace tandem
