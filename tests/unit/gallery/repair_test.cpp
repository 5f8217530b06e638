// Damaged galleries are mended; what is computed by a model elsewhere is made up here, as it was at first.
#include <cstdlib>
#include <random>

#include "support/expect_error.h"
#include "support/failing_file_system.h"
#include "unit/gallery/repair_test_base.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using gallery::GalleryRepair;

TEST_F(RepairTest, AFlippedByteAnywhereIsMendedWithoutALoss) {
  // TANDEM_FLIPS sets how many bytes of each file are tried.
  const char* wanted = std::getenv("TANDEM_FLIPS");
  const std::size_t flips = wanted == nullptr ? 8 : std::stoul(wanted);
  std::mt19937 random(3);
  const Files whole = read_files();
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
      put_files(whole);
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
  const Files whole = read_files();
  std::size_t failures = 0;
  // A prime step, so that all kinds of calls have their turn.
  for (std::size_t call = 0;; call += 7) {
    put_files(whole);
    damage_files();
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
  }
  EXPECT_GT(failures, 20u);
}

}  // namespace
}  // namespace tandem
