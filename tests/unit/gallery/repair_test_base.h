// What the tests of repairs share: a gallery to damage, and a caller that computes what is lost.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "gallery/gallery_repair.h"
#include "support/made_gallery.h"
#include "support/temporary_folder.h"
#include "unit/gallery/file_bytes.h"

namespace tandem {

// All that a gallery says, by paths and texts: ids may differ.
inline std::map<std::string, std::string> contents_of(const std::filesystem::path& folder) {
  const auto gallery = Gallery::open(folder);
  std::map<std::string, std::string> contents;
  for (const auto& image : gallery->images()) {
    std::string text = fmt::format("{} {} {} {}x{} {}", image.stamp.bytes, image.stamp.modified_ns,
                                   image.content_hash, image.width, image.height, image.metadata);
    for (const Matrix& vectors : {gallery->embedding(image.id), gallery->tokens(image.id)}) {
      for (std::size_t i = 0; i < vectors.size(); ++i) text += fmt::format(" {}", vectors.data()[i]);
    }
    std::set<std::string> captions;
    for (const auto& caption : gallery->captions_of(image.id)) captions.insert(caption.text.text);
    for (const auto& caption : captions) text += ", " + caption;
    contents[image.path.string()] = text;
  }
  for (const auto& skip : gallery->skipped()) contents[skip.path.string()] = skip.reason;
  const Matrix queries = random_vectors(3, 12, 4);
  for (std::size_t q = 0; q < queries.rows(); ++q) {
    std::string& answer = contents["query " + std::to_string(q)];
    const auto images = gallery->nearest_images(MatrixView(queries).rows(q, 1), 100);
    for (const auto& hit : images[0]) {
      answer += fmt::format("{}:{} ", gallery->image(hit.id).path.filename().string(), hit.score);
    }
    const auto captions = gallery->nearest_captions(MatrixView(queries).rows(q, 1), 100);
    for (const auto& hit : captions[0]) {
      answer += fmt::format("{}:{} ", gallery->caption(hit.id).text.text, hit.score);
    }
  }
  return contents;
}

class RepairTest : public ::testing::Test {
 protected:
  // A gallery of `count` pictures, of which two were removed, and then five more.
  explicit RepairTest(std::uint32_t count = 40) {
    const auto writer = gallery::open_writer(FileSystem::system(), gallery_, made_model(),
                                             {TokenStorage::kFp16, "HNSW16"}, small_segments_);
    add_images(*writer, pictures_, 0, count);
    writer->add_skipped({pictures_ / "bad.jpg", {7, 8}, ErrorCode::kBadFormat, "not a picture"});
    writer->build_index();
    writer->remove(pictures_ / "00003.jpg");
    writer->remove(made_image(pictures_, count - 1).record.path);
    add_images(*writer, pictures_, count, 5);
    std::filesystem::create_directories(pictures_);
    for (std::uint32_t n = 0; n < count + 5; ++n) std::ofstream(made_image(pictures_, n).record.path) << n;
    contents_ = contents_of(gallery_);
  }

  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> paths;
    for (const auto& name : FileSystem::system().list(gallery_)) {
      if (name != "lock") paths.push_back(gallery_ / name);
    }
    return paths;
  }

  using Files = std::map<std::filesystem::path, std::vector<std::byte>>;
  Files read_files() const {
    Files contents;
    for (const auto& path : files()) contents[path] = read_file(path);
    return contents;
  }
  // Puts these in the place of those that there are.
  void put_files(const Files& contents) {
    for (const auto& path : files()) std::filesystem::remove(path);
    for (const auto& [path, bytes] : contents) write_file(path, bytes);
  }

  // Damages every file, the catalogue by a count that does not fit.
  void damage_files() {
    for (const auto& [path, bytes] : read_files()) {
      auto damaged = bytes;
      if (path.extension() != ".sqlite" && path.extension() != ".checksum") damaged[60] ^= std::byte{1};
      write_file(path, damaged);
    }
    gallery::Database(catalogue_, gallery::Database::Mode::kWrite).execute("UPDATE state SET images = 3");
  }

  // As the caller of a repair does, with vectors that are made up as they were at first.
  std::vector<std::string> repair(FileSystem& files = FileSystem::system()) {
    std::vector<gallery::DamagedPicture> damaged;
    std::vector<std::string> done;
    {
      gallery::GalleryRepair repair(files, gallery_);
      damaged = repair.damaged_pictures();
      done = repair.mend_files();
    }
    {
      const auto writer = gallery::open_existing_writer(files, gallery_);
      compute(*writer, damaged);
    }
    // The damaged rows belong to nobody now, and get checksums that fit.
    gallery::GalleryRepair(files, gallery_).mend_files();
    return done;
  }

  static void compute(GalleryWriter& writer, const std::vector<gallery::DamagedPicture>& damaged) {
    for (const auto& picture : damaged) {
      const auto n = static_cast<std::uint32_t>(std::stoul(picture.record.path.stem().string()));
      NewImage image = made_image(picture.record.path.parent_path(), n);
      EXPECT_EQ(image.record.path, picture.record.path);
      if (!picture.captions_damaged) image.captions.clear();
      writer.add(image);
    }
    writer.commit();
    writer.build_index();
  }

  void expect_well() {
    const auto report = verify_gallery(gallery_, true);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
    EXPECT_EQ(contents_of(gallery_), contents_);
  }

  gallery::WriterSettings small_segments_{1500};
  TemporaryFolder folder_{memory_folder()};
  std::filesystem::path gallery_ = folder_.path() / "g";
  std::filesystem::path catalogue_ = gallery_ / "catalogue.sqlite";
  std::filesystem::path pictures_ = folder_.path() / "pictures";
  std::map<std::string, std::string> contents_;
};

}  // namespace tandem
