// Damaged galleries are mended; what is computed by a model elsewhere is made up here, as it was at first.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "gallery/gallery_repair.h"
#include "support/expect_error.h"
#include "support/failing_file_system.h"
#include "support/made_gallery.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using gallery::GalleryRepair;

std::vector<std::byte> read_file(const fs::path& path) { return FileSystem::system().read(path, 1 << 26); }

void write_file(const fs::path& path, std::span<const std::byte> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// All that a gallery says, by paths and texts: ids may differ.
std::map<std::string, std::string> contents_of(const fs::path& folder) {
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
  RepairTest() {
    const auto writer = gallery::open_writer(FileSystem::system(), gallery_, made_model(),
                                             {TokenStorage::kFp16, "HNSW16"}, small_segments_);
    add_images(*writer, pictures_, 0, 40);
    writer->add_skipped({pictures_ / "bad.jpg", {7, 8}, ErrorCode::kBadFormat, "not a picture"});
    writer->build_index();
    writer->remove(pictures_ / "00003.jpg");
    writer->remove(pictures_ / "00039.jpg");
    add_images(*writer, pictures_, 40, 5);
    fs::create_directories(pictures_);
    for (int n = 0; n < 45; ++n) std::ofstream(pictures_ / fmt::format("{:05}.jpg", n)) << n;
    contents_ = contents_of(gallery_);
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> paths;
    for (const auto& name : FileSystem::system().list(gallery_)) {
      if (name != "lock") paths.push_back(gallery_ / name);
    }
    return paths;
  }

  // As the caller of a repair does, with vectors that are made up as they were at first.
  std::vector<std::string> repair() {
    std::vector<gallery::DamagedPicture> damaged;
    std::vector<std::string> done;
    {
      GalleryRepair repair(FileSystem::system(), gallery_);
      damaged = repair.damaged_pictures();
      done = repair.mend_files();
    }
    {
      const auto writer = GalleryWriter::open_existing(gallery_);
      compute(*writer, damaged);
    }
    // The damaged rows belong to nobody now, and get checksums that fit.
    GalleryRepair(FileSystem::system(), gallery_).mend_files();
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
  TemporaryFolder folder_;
  fs::path gallery_ = folder_.path() / "g";
  fs::path catalogue_ = gallery_ / "catalogue.sqlite";
  fs::path pictures_ = folder_.path() / "pictures";
  std::map<std::string, std::string> contents_;
};

TEST_F(RepairTest, AFlippedByteAnywhereIsMendedWithoutALoss) {
  // TANDEM_FLIPS sets how many bytes of each file are tried.
  const char* wanted = std::getenv("TANDEM_FLIPS");
  const std::size_t flips = wanted == nullptr ? 8 : std::stoul(wanted);
  std::mt19937 random(3);
  std::map<fs::path, std::vector<std::byte>> whole;
  for (const auto& path : files()) whole[path] = read_file(path);
  for (const auto& [path, bytes] : whole) {
    for (std::size_t i = 0; i < flips; ++i) {
      auto damaged = bytes;
      const std::size_t at = random() % damaged.size();
      damaged[at] ^= static_cast<std::byte>(1 + random() % 255);
      write_file(path, damaged);
      try {
        repair();
        expect_well();
      } catch (const Error& error) {
        ADD_FAILURE() << error.what();
      }
      if (HasFailure()) {
        FAIL() << path << " byte " << at << " to " << static_cast<int>(damaged[at]);
      }
      for (const auto& one : files()) fs::remove(one);
      for (const auto& [file, content] : whole) write_file(file, content);
    }
  }
}

// Changes that a program might make; each is mended as well as can be.
TEST_F(RepairTest, TablesWithoutTheirRowsAreMadeAnewFromTheOthers) {
  for (const char* change :
       {"DELETE FROM state", "DELETE FROM segments", "DELETE FROM holes", "DELETE FROM manifest",
        "UPDATE state SET images = 7, next_image = 2", "UPDATE images SET width = width + 1 WHERE id = 5",
        "UPDATE images SET first = first + 1 WHERE id = 5", "DROP INDEX captions_by_image",
        "CREATE TABLE more(id INTEGER)", "PRAGMA application_id = 0"}) {
    gallery::Database(catalogue_, gallery::Database::Mode::kWrite).execute(change);
    EXPECT_FALSE(repair().empty()) << change;
    expect_well();
    if (HasFailure()) FAIL() << change;
  }
}

TEST_F(RepairTest, AWrongByteInTheNumberOfAVersionIsNotALaterVersion) {
  for (const auto& path : files()) {
    auto bytes = read_file(path);
    // SQLite's number for the version of its user's format; "version": 1 of the manifest.
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::size_t at = path == catalogue_            ? 60
                           : path.extension() == ".json" ? text.find("\"version\": ") + 11
                                                         : 8;
    bytes[at] = static_cast<std::byte>(std::to_integer<int>(bytes[at]) + 2);
    write_file(path, bytes);
    EXPECT_FALSE(repair().empty()) << path;
    expect_well();
    if (HasFailure()) FAIL() << path;
  }
}

TEST_F(RepairTest, AGalleryOfALaterVersionIsLeftAlone) {
  gallery::Database(catalogue_, gallery::Database::Mode::kWrite)
      .execute("PRAGMA user_version = 2; CREATE TABLE later(id INTEGER)");
  const auto bytes = read_file(catalogue_);
  expect_error(ErrorCode::kVersionTooNew, "update", [&] { GalleryRepair(FileSystem::system(), gallery_); });
  EXPECT_EQ(read_file(catalogue_), bytes);
}

TEST_F(RepairTest, WhereNobodyKnowsWhichIdsWereGivenNoneIsGivenAgain) {
  gallery::Database(catalogue_, gallery::Database::Mode::kWrite).execute("DELETE FROM state");
  repair();
  EXPECT_GT(GalleryWriter::open_existing(gallery_)->add(made_image(pictures_, 50)), 1'000'000);
}

TEST_F(RepairTest, PicturesWhoseFolderIsForgottenStayUnderAPathThatIsNotThere) {
  gallery::Database(catalogue_, gallery::Database::Mode::kWrite).execute("DELETE FROM folders");
  GalleryRepair(FileSystem::system(), gallery_).mend_files();
  EXPECT_TRUE(verify_gallery(gallery_, true).problems.empty());
  const auto images = Gallery::open(gallery_)->images();
  ASSERT_EQ(images.size(), 43u);
  EXPECT_EQ(images[0].path, gallery_ / "lost-folder-1" / "00000.jpg");
}

TEST_F(RepairTest, ALostRecordIsNamedAndTheDamagedCatalogueKept) {
  const auto damaged = [&] {
    gallery::Database(catalogue_, gallery::Database::Mode::kWrite).execute("DELETE FROM images WHERE id = 5");
    return read_file(catalogue_);
  }();
  repair();
  EXPECT_TRUE(verify_gallery(gallery_, true).problems.empty());
  EXPECT_EQ(Gallery::open(gallery_)->info().images, 42u);
  EXPECT_EQ(read_file(gallery_ / "catalogue.sqlite.damaged"), damaged);
}

TEST_F(RepairTest, ACatalogueOfAnotherGalleryIsRefused) {
  const auto other = folder_.path() / "other";
  add_images(*GalleryWriter::open(other, made_model(), {TokenStorage::kFp16, "HNSW16"}), pictures_, 0, 3);
  fs::copy_file(other / "catalogue.sqlite", catalogue_, fs::copy_options::overwrite_existing);
  const auto foreign = read_file(catalogue_);
  expect_error(ErrorCode::kBadFormat, {"belongs to gallery", "restore"},
               [&] { GalleryRepair(FileSystem::system(), gallery_); });
  EXPECT_EQ(read_file(catalogue_), foreign);
}

TEST_F(RepairTest, WhileAWriterHoldsTheGalleryItIsRefused) {
  const auto writer = GalleryWriter::open_existing(gallery_);
  expect_error(ErrorCode::kBusy, "process", [&] { GalleryRepair(FileSystem::system(), gallery_); });
}

TEST_F(RepairTest, AFailureOfAnyCallIsATypedErrorAndLosesNothing) {
  std::map<fs::path, std::vector<std::byte>> whole;
  for (const auto& path : files()) whole[path] = read_file(path);
  std::size_t failures = 0;
  // A prime step, so that all kinds of calls have their turn.
  for (std::size_t call = 0;; call += 7) {
    for (const auto& [path, bytes] : whole) {
      auto damaged = bytes;
      if (path.extension() != ".sqlite" && path.extension() != ".checksum") damaged[60] ^= std::byte{1};
      write_file(path, damaged);
    }
    gallery::Database(catalogue_, gallery::Database::Mode::kWrite).execute("UPDATE state SET images = 3");
    FailingFileSystem files_that_fail;
    files_that_fail.fail_at(call);
    try {
      GalleryRepair(files_that_fail, gallery_).mend_files();
      if (!files_that_fail.has_failed()) break;
    } catch (const Error&) {
      ++failures;
    }
    repair();
    expect_well();
    if (HasFailure()) FAIL() << "call " << call;
    for (const auto& one : files()) fs::remove(one);
  }
  EXPECT_GT(failures, 20u);
}

}  // namespace
}  // namespace tandem
