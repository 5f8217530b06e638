// The life of a golden gallery: which pictures it gets, loses and changes.
//
// Free functions. What they write is frozen in tests/golden/data/galleries; change them only for a new
// format.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "gallery/gallery.h"
#include "support/made_gallery.h"

namespace tandem {

struct GoldenGallery {
  int version;  // of the format
  const char* name;
  TokenStorage tokens;
  const char* index_spec;
  std::size_t embedding_rows;
};

inline constexpr GoldenGallery kGoldenGalleries[] = {
    {1, "fp16-exact", TokenStorage::kFp16, "exact", 1},
    {1, "int8-hnsw", TokenStorage::kInt8, "HNSW8", 2},
    {1, "none-flat", TokenStorage::kNone, "Flat", 1},
    {2, "two-models", TokenStorage::kFp16, "exact", 1},
};

// The galleries of one version lie together.
inline std::filesystem::path version_folder(const std::filesystem::path& root, const GoldenGallery& golden) {
  return root / fmt::format("v{}", golden.version);
}

inline std::unique_ptr<GalleryWriter> open_golden_gallery(const std::filesystem::path& folder,
                                                          const GoldenGallery& golden,
                                                          const gallery::WriterSettings& settings = {}) {
  const ModelInfo first = made_model(golden.embedding_rows);
  const ModelInfo second = made_reranker();
  return gallery::open_writer(FileSystem::system(), folder, {first, golden.version < 2 ? nullptr : &second},
                              {golden.tokens, golden.index_spec}, settings);
}

// Folders of pictures beside the gallery, and one far from it.
inline void write_golden_gallery(const std::filesystem::path& root, const GoldenGallery& golden) {
  const auto beside = root / "photos";
  const std::filesystem::path far =
      "/elsewhere/b\xc3\xbc"
      "cher\xff";
  const auto rows = golden.embedding_rows;
  {
    const auto writer = open_golden_gallery(root / golden.name, golden, {.max_segment_bytes = 1200});
    add_images(*writer, beside, 0, 12);
    add_images(*writer, far, 12, 4);
    writer->build_index();
    writer->compact();
  }
  const auto writer = GalleryWriter::open_existing(root / golden.name);
  writer->remove(beside / "00003.jpg");
  writer->add(made_image(beside, 5, rows));  // again, under a new id
  ImageRecord copy = writer->find(beside / "00002.jpg").value();
  copy.path = beside / "again" / "00002.jpg";
  writer->add_copy(copy.id, copy);
  ImageRecord moved = writer->find(far / "00013.jpg").value();
  moved.path = beside / "moved\n.jpg";
  writer->update(moved);
  writer->add_skipped({beside / "bad.jpg", {7, 8}, ErrorCode::kBadFormat, "bad.jpg: is not a picture"});
  writer->commit();
}

}  // namespace tandem
