#include <utility>

#include "core/file_system.h"
#include "core/utf8.h"
#include "encoders/capabilities.h"
#include "gallery/gallery_models.h"
#include "gallery/gallery_repair.h"
#include "indexing/index_pictures.h"
#include "indexing/index_run.h"
#include "tandem/encoders.h"
#include "tandem/indexing.h"

namespace tandem {
namespace indexing {
namespace {

namespace fs = std::filesystem;
using gallery::DamagedPicture;
using gallery::GalleryRepair;

class Repair {
 public:
  Repair(const fs::path& folder, const LoadModel& load_model, const IndexOptions& options)
      : folder_(folder), load_model_(load_model), options_(options) {
    options_.captions_file.clear();
    options_.on_skipped = [this, told = options.on_skipped](const SkippedRecord& record) {
      note(record.path, "skipped: " + record.reason);
      if (told) told(record);
    };
  }

  RepairReport run() {
    report_.after = verify_gallery(folder_, true, options_.stop);
    if (report_.after.problems.empty()) return std::move(report_);
    report_.found = report_.after.problems;
    mend_files();
    {
      const auto writer = GalleryWriter::open_existing(folder_);
      if (!damaged_.empty()) compute(*writer);
      build_index(*writer);
    }
    // The rows that were damaged belong to nobody now, and get checksums that fit.
    if (!damaged_.empty()) GalleryRepair(FileSystem::system(), folder_, options_.stop).mend_files();
    report_.after = verify_gallery(folder_, true, options_.stop);
    return std::move(report_);
  }

 private:
  void note(const fs::path& path, const std::string& what) {
    report_.done.push_back(printable_utf8(path.string()) + ": " + what);
  }

  void mend_files() {
    GalleryRepair repair(FileSystem::system(), folder_, options_.stop);
    damaged_ = repair.damaged_pictures();
    if (!damaged_.empty()) load_model(repair.info());
    had_snapshot_ = fs::exists(repair.info().path / gallery::kSnapshotName);
    report_.done = repair.mend_files();
  }

  void load_model(const GalleryInfo& info) {
    models_ = load_model_(info);
    gallery::require_same_makers(info, gallery::infos_of(models_));
    for (const DamagedPicture& picture : damaged_) {
      if (picture.vectors) require_image_embedding(models_.model->info());
      if (picture.captions_damaged) require_text_embedding(models_.model->info());
    }
  }

  void compute(GalleryWriter& writer) {
    compute_pictures(writer, forget_files(writer));
    for (const DamagedPicture& picture : damaged_) {
      if (picture.vectors) finish_picture(writer, picture);
    }
    writer.commit();
    compute_captions(writer);
  }

  // Makes the damaged pictures look changed, so that indexing takes them from their files.
  std::vector<fs::path> forget_files(GalleryWriter& writer) {
    std::vector<fs::path> paths;
    for (const DamagedPicture& picture : damaged_) {
      auto record = writer.find(picture.record.path);
      if (!picture.vectors || !record || record->id != picture.record.id) continue;
      record->stamp = FileStamp();
      record->content_hash.clear();
      writer.update(*record);
      if (FileSystem::system().status(record->path).kind == FileKind::kMissing) {
        skip(writer, picture, "the file is missing; put it back and index it again");
      } else {
        paths.push_back(record->path);
      }
    }
    writer.commit();
    return paths;
  }

  void compute_pictures(GalleryWriter& writer, const std::vector<fs::path>& paths) {
    const Seams seams;
    const TagsById tags = tags_of(options_, seams);
    const regions::RegionLibrary regions(&tags);
    IndexRun(writer, models_, Captions(), options_, seams, regions, paths.size()).run(paths);
  }

  // A picture that indexing left as it was must not stay with vectors that are damaged.
  void finish_picture(GalleryWriter& writer, const DamagedPicture& picture) {
    auto record = writer.find(picture.record.path);
    if (!record) return;  // skipped
    if (record->content_hash.empty()) {
      skip(writer, picture, "its file could not be read; index it again");
      return;
    }
    record->metadata = picture.record.metadata;
    writer.update(*record);
    ++report_.pictures;
    note(record->path, "computed anew");
  }

  void skip(GalleryWriter& writer, const DamagedPicture& picture, const std::string& reason) {
    const fs::path& path = picture.record.path;
    const SkippedRecord record{path, FileStamp(), ErrorCode::kBadFormat,
                               printable_utf8(path.string()) + ": its vectors were damaged, and " + reason};
    writer.add_skipped(record);
    options_.on_skipped(record);
  }

  // Captions are put in together with their picture, whose vectors are copied.
  void compute_captions(GalleryWriter& writer) {
    std::size_t uncommitted = 0;
    for (const DamagedPicture& picture : damaged_) {
      const auto record = writer.find(picture.record.path);
      if (!picture.captions_damaged || !record) continue;
      std::vector<Text> texts;
      for (const CaptionRecord& caption : picture.captions) texts.push_back(caption.text);
      const Matrix embeddings = BiEncoder(models_.model).embed_texts(texts, options_.stop);
      std::vector<NewCaption> captions;
      for (std::size_t i = 0; i < texts.size(); ++i) {
        captions.push_back({texts[i], {embeddings.row(i).begin(), embeddings.row(i).end()}});
      }
      writer.add_copy(record->id, *record, captions);
      report_.captions += captions.size();
      note(record->path, "its captions were computed anew");
      if (++uncommitted % options_.commit_every == 0) writer.commit();
    }
    writer.commit();
  }

  // What was removed; else the writer's own rule says when.
  void build_index(GalleryWriter& writer) {
    const fs::path snapshot = writer.info().path / gallery::kSnapshotName;
    if (!had_snapshot_ || fs::exists(snapshot)) return;
    writer.build_index();
    note(snapshot, "built anew");
  }

  fs::path folder_;
  const LoadModel& load_model_;
  IndexOptions options_;
  ModelPair models_;
  std::vector<DamagedPicture> damaged_;
  bool had_snapshot_ = false;
  RepairReport report_;
};

}  // namespace
}  // namespace indexing

RepairReport repair_gallery(const std::filesystem::path& folder, const LoadModel& load_model,
                            const IndexOptions& options) {
  options.validate();
  return indexing::Repair(folder, load_model, options).run();
}

}  // namespace tandem
