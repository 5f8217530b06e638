#include "gallery/creation.h"
#include "gallery/lock_text.h"
#include "gallery/writer.h"

namespace tandem {
namespace gallery {

namespace fs = std::filesystem;

std::unique_ptr<FileLock> lock_gallery(FileSystem& files, const fs::path& folder) {
  return files.lock(folder / kLockName, lock_text());
}

std::unique_ptr<GalleryWriter> open_writer(FileSystem& files, const fs::path& folder,
                                           const ModelInfos& models, const GalleryOptions& options,
                                           const WriterSettings& settings) {
  const fs::path normal = gallery_folder(folder);
  const Manifest made = make_manifest(models, options);
  if (!has_manifest(files, normal)) {
    require_creatable(files, normal);
    create_folders(files, normal);
  }
  auto lock = lock_gallery(files, normal);
  if (!has_manifest(files, normal)) create_gallery(files, normal, made);
  const Manifest manifest = read_manifest(files, normal);
  require_same_makers(gallery_info(manifest, normal), models);
  return make_writer(files, normal, manifest, std::move(lock), settings);
}

std::unique_ptr<GalleryWriter> open_existing_writer(FileSystem& files, const fs::path& folder,
                                                    const WriterSettings& settings) {
  const fs::path normal = gallery_folder(folder);
  read_manifest(files, normal);  // before a lock is put into a folder that is none
  auto lock = lock_gallery(files, normal);
  return make_writer(files, normal, read_manifest(files, normal), std::move(lock), settings);
}

}  // namespace gallery

std::unique_ptr<GalleryWriter> GalleryWriter::open(const std::filesystem::path& folder,
                                                   const ModelInfo& model, const GalleryOptions& options) {
  return gallery::open_writer(FileSystem::system(), folder, model, options);
}

std::unique_ptr<GalleryWriter> GalleryWriter::open(const std::filesystem::path& folder,
                                                   const ModelPair& models, const GalleryOptions& options) {
  return gallery::open_writer(FileSystem::system(), folder, gallery::infos_of(models), options);
}

std::unique_ptr<GalleryWriter> GalleryWriter::open_existing(const std::filesystem::path& folder) {
  return gallery::open_existing_writer(FileSystem::system(), folder);
}

}  // namespace tandem
