#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <random>
#include <set>

#include "gallery/lock_text.h"
#include "gallery/sqlite.h"
#include "support/answers.h"
#include "support/error_code_of.h"
#include "support/made_gallery.h"
#include "support/temporary_folder.h"
#include "unit/gallery/file_bytes.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

// What a gallery answers; nothing where it throws an Error.
std::optional<std::string> answers_if_any(const fs::path& folder) {
  try {
    return answers_of(folder);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Whether deep verification finds something, by its report or by throwing.
bool is_found(const fs::path& folder) {
  try {
    return !verify_gallery(folder, true).problems.empty();
  } catch (const Error&) {
    return true;
  }
}

class DamageTest : public ::testing::Test {
 protected:
  DamageTest() {
    write_gallery();
    // As a writer that crashed leaves it.
    const std::string text = gallery::lock_text();
    write_file(gallery_ / "lock", std::as_bytes(std::span(text)));
    answers_ = answers_if_any(gallery_).value();
    EXPECT_FALSE(is_found(gallery_));
  }

  void write_gallery() {
    const auto writer = GalleryWriter::open(gallery_, made_model(), {TokenStorage::kInt8, "HNSW16"});
    add_images(*writer, folder_.path(), 0, 30);
    writer->add_skipped({folder_.path() / "bad.jpg", {7, 8}, ErrorCode::kBadFormat, "not a picture"});
    writer->build_index();
    writer->remove(folder_.path() / "00003.jpg");
    writer->remove(folder_.path() / "00029.jpg");
    add_images(*writer, folder_.path(), 30, 5);
  }

  std::vector<fs::path> files() {
    std::vector<fs::path> paths;
    for (const auto& name : FileSystem::system().list(gallery_)) paths.push_back(gallery_ / name);
    return paths;
  }

  TemporaryFolder folder_;
  fs::path gallery_ = folder_.path() / "g";
  std::string answers_;
};

TEST_F(DamageTest, AFlippedByteAnywhereIsFoundAndNeverGivesAWrongAnswer) {
  // TANDEM_FLIPS sets how many bytes of each file are tried.
  const char* wanted = std::getenv("TANDEM_FLIPS");
  const std::size_t flips = wanted == nullptr ? 60 : std::stoul(wanted);
  std::mt19937 random(3);
  for (const auto& path : files()) {
    const auto whole = read_file(path);
    for (std::size_t i = 0; i < flips; ++i) {
      auto damaged = whole;
      const std::size_t at = random() % damaged.size();
      damaged[at] ^= static_cast<std::byte>(1 + random() % 255);
      write_file(path, damaged);
      const auto answers = answers_if_any(gallery_);
      EXPECT_TRUE(!answers || *answers == answers_) << path << " byte " << at << ": a wrong answer";
      EXPECT_TRUE(is_found(gallery_)) << path << " byte " << at << ": not found";
      write_file(path, whole);
    }
  }
  EXPECT_EQ(answers_if_any(gallery_), answers_) << "put back, all is well";
}

TEST_F(DamageTest, AByteThatSqliteDoesNotUseIsFoundByTheChecksumOfTheWholeFile) {
  const auto path = gallery_ / "catalogue.sqlite";
  const auto whole = read_file(path);
  std::size_t unused = 0;
  for (std::size_t at = 100; at < whole.size(); at += whole.size() / 300) {
    auto damaged = whole;
    damaged[at] ^= std::byte{1};
    write_file(path, damaged);
    if (verify_gallery(gallery_, false).problems.empty()) ++unused;
    EXPECT_TRUE(is_found(gallery_)) << "byte " << at;
  }
  EXPECT_GT(unused, 10u) << "otherwise this test shows nothing";
  write_file(path, whole);
}

TEST_F(DamageTest, AChecksumOfAnOlderGenerationSpeaksOfNothing) {
  const auto checksum = read_file(gallery_ / "catalogue.checksum");
  add_images(*GalleryWriter::open_existing(gallery_), folder_.path(), 50, 1);
  write_file(gallery_ / "catalogue.checksum", checksum);  // as a crash before closing would leave it
  EXPECT_FALSE(is_found(gallery_));
  fs::remove(gallery_ / "catalogue.checksum");
  EXPECT_FALSE(is_found(gallery_));
}

TEST_F(DamageTest, TheCatalogueOfAnotherGalleryIsRefused) {
  const fs::path other = folder_.path() / "other";
  GalleryWriter::open(other, made_model(), {TokenStorage::kInt8, "HNSW16"});
  fs::copy_file(other / "catalogue.sqlite", gallery_ / "catalogue.sqlite",
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(error_code_of([&] { Gallery::open(gallery_); }), ErrorCode::kBadFormat);
  EXPECT_EQ(error_code_of([&] { GalleryWriter::open_existing(gallery_); }), ErrorCode::kBadFormat);
  EXPECT_TRUE(is_found(gallery_));
}

TEST_F(DamageTest, ATruncatedFileIsFound) {
  std::mt19937 random(4);
  for (const auto& path : files()) {
    if (path.filename() == "lock") continue;
    const auto whole = read_file(path);
    for (int i = 0; i < 30; ++i) {
      write_file(path, std::span(whole).first(i == 0 ? 0 : random() % whole.size()));
      const auto answers = answers_if_any(gallery_);
      EXPECT_TRUE(!answers || *answers == answers_) << path << ": a wrong answer";
      EXPECT_TRUE(is_found(gallery_)) << path;
      write_file(path, whole);
    }
  }
}

TEST_F(DamageTest, AMissingFileIsATypedError) {
  const std::set<fs::path> may_be_missing = {"lock", "index.snapshot", "catalogue.checksum"};
  for (const auto& path : files()) {
    if (may_be_missing.contains(path.filename())) continue;
    fs::rename(path, folder_.path() / "aside");
    EXPECT_EQ(error_code_of([&] { Gallery::open(gallery_); }), ErrorCode::kNotFound) << path;
    EXPECT_EQ(error_code_of([&] { GalleryWriter::open(gallery_, made_model()); }), ErrorCode::kNotFound)
        << path;
    EXPECT_TRUE(is_found(gallery_)) << path;
    fs::rename(folder_.path() / "aside", path);
  }
  EXPECT_EQ(answers_if_any(gallery_), answers_);
}

TEST_F(DamageTest, ASegmentOfAnotherGalleryIsRefused) {
  const auto other = folder_.path() / "other";
  add_images(*GalleryWriter::open(other, made_model(), {TokenStorage::kInt8, "HNSW16"}), folder_.path(), 0,
             40);
  for (const auto& path : files()) {
    if (path.extension() != ".seg") continue;
    const auto whole = read_file(path);
    fs::copy_file(other / path.filename(), path, fs::copy_options::overwrite_existing);
    try {
      Gallery::open(gallery_);
      ADD_FAILURE() << path << ": accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadFormat);
      EXPECT_NE(std::string(error.what()).find("belongs to gallery"), std::string::npos) << error.what();
    }
    EXPECT_TRUE(is_found(gallery_)) << path;
    write_file(path, whole);
  }
}

TEST_F(DamageTest, FilesOfALaterVersionAreRefusedByName) {
  gallery::Database(gallery_ / "catalogue.sqlite", gallery::Database::Mode::kWrite)
      .execute("PRAGMA user_version = 2");
  EXPECT_EQ(error_code_of([&] { Gallery::open(gallery_); }), ErrorCode::kVersionTooNew);
  EXPECT_EQ(error_code_of([&] { GalleryWriter::open_existing(gallery_); }), ErrorCode::kVersionTooNew);
  EXPECT_EQ(error_code_of([&] { verify_gallery(gallery_, false); }), ErrorCode::kVersionTooNew);
  gallery::Database(gallery_ / "catalogue.sqlite", gallery::Database::Mode::kWrite)
      .execute("PRAGMA user_version = 1");
  EXPECT_EQ(answers_if_any(gallery_), answers_);
  for (const auto& path : files()) {
    if (path.extension() != ".seg") continue;
    auto bytes = read_file(path);
    bytes[8] = std::byte{2};
    write_file(path, bytes);
    EXPECT_EQ(error_code_of([&] { Gallery::open(gallery_); }), ErrorCode::kVersionTooNew) << path;
    bytes[8] = std::byte{1};
    write_file(path, bytes);
  }
}

// Changes that keep SQLite content, as a flipped bit may not, but a program might.
TEST_F(DamageTest, ARowThatWasChangedLostOrMovedIsFound) {
  for (const char* change :
       {"UPDATE images SET width = width + 1 WHERE id = 5", "DELETE FROM images WHERE id = 5",
        "DELETE FROM captions WHERE id = 5", "DELETE FROM skipped", "DELETE FROM holes",
        "DELETE FROM folders", "DELETE FROM state", "DELETE FROM segments",
        "UPDATE images SET id = 1000 WHERE id = 5", "UPDATE segments SET rows = rows + 1",
        "DROP TABLE captions", "CREATE TABLE more(id INTEGER)"}) {
    const auto path = gallery_ / "catalogue.sqlite";
    const auto whole = read_file(path);
    gallery::Database(path, gallery::Database::Mode::kWrite).execute(change);
    EXPECT_EQ(error_code_of([&] { Gallery::open(gallery_); }), ErrorCode::kBadFormat) << change;
    EXPECT_FALSE(verify_gallery(gallery_, false).problems.empty()) << change;
    write_file(path, whole);
  }
  EXPECT_EQ(answers_if_any(gallery_), answers_);
}

TEST_F(DamageTest, AStopEndsVerifying) {
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(error_code_of([&] { verify_gallery(gallery_, true, source.get_token()); }),
            ErrorCode::kCancelled);
}

TEST_F(DamageTest, AFullDiskUnderTheCatalogueIsABackendErrorAndChangesNothing) {
  gallery::Database database(gallery_ / "catalogue.sqlite", gallery::Database::Mode::kWrite);
  database.execute(fmt::format("PRAGMA max_page_count = {}", database.integer("PRAGMA page_count")));
  EXPECT_EQ(error_code_of([&] {
              database.execute("BEGIN");
              for (int i = 0; i < 1000; ++i) {
                database.execute(
                    fmt::format("INSERT INTO folders VALUES({}, 0, zeroblob(1000 + {}), 0)", 100 + i, i));
              }
            }),
            ErrorCode::kBackend);
  database.roll_back();
  EXPECT_EQ(answers_if_any(gallery_), answers_);
}

}  // namespace
}  // namespace tandem
