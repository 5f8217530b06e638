#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <random>
#include <set>
#include <thread>

#include "core/file_system.h"
#include "gallery/sqlite.h"
#include "support/error_code_of.h"
#include "support/expect_error.h"
#include "support/fake_model.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "tandem/encoders.h"
#include "tandem/indexing.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

using Bytes = std::vector<std::byte>;

Bytes read_bytes(const fs::path& path) { return FileSystem::system().read(path, 1 << 26); }

void write_bytes(const fs::path& path, std::span<const std::byte> bytes) {
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

class RepairGalleryTest : public ::testing::Test {
 protected:
  static constexpr int kPictures = 17;

  RepairGalleryTest() {
    fs::create_directories(photos_);
    std::string captions;
    for (int i = 0; i < kPictures; ++i) {
      const std::string name = std::to_string(i) + ".png";
      write_png(photos_ / name, solid_picture(static_cast<std::uint8_t>(14 * i), 90, 9));
      captions += "{\"file\": \"photos/" + name + "\", \"captions\": [\"red " + name + "\", \"blue\"]}\n";
    }
    write_file(photos_ / "bad.png", "no picture");
    write_file(folder_.path() / "captions.jsonl", captions);
    IndexOptions options;
    options.captions_file = folder_.path() / "captions.jsonl";
    const auto writer = GalleryWriter::open(gallery_, model_->info(), {TokenStorage::kInt8, "HNSW16"});
    index_pictures(*writer, model_, find_pictures(std::vector{photos_}), options);
    writer->build_index();
  }

  void SetUp() override {
    whole_ = files();
    contents_ = contents();
  }

  // The gallery's files; the lock's text is for people.
  std::map<fs::path, Bytes> files() const {
    std::map<fs::path, Bytes> files;
    for (const auto& name : FileSystem::system().list(gallery_)) {
      if (name != "lock") files[gallery_ / name] = read_bytes(gallery_ / name);
    }
    return files;
  }

  void put_back() {
    for (const auto& [path, bytes] : files()) fs::remove(path);
    for (const auto& [path, bytes] : whole_) write_bytes(path, bytes);
  }

  fs::path file(const std::string& prefix) const {
    for (const auto& [path, bytes] : whole_) {
      if (path.filename().string().starts_with(prefix)) return path;
    }
    throw std::logic_error(prefix);
  }

  static void flip(const fs::path& path, std::size_t at) {
    Bytes bytes = read_bytes(path);
    bytes.at(at) ^= std::byte{0x40};
    write_bytes(path, bytes);
  }

  // All that the gallery says, without ids, which may differ.
  std::multiset<std::string> contents() const {
    const auto gallery = Gallery::open(gallery_);
    std::multiset<std::string> contents;
    const BiEncoder encoder(model_);
    const Matrix query = encoder.embed_texts(std::vector<Text>{Text("red")});
    const auto nearest = gallery->nearest_images(query, 100);
    for (const ScoredId& hit : nearest[0]) {
      const ImageRecord image = gallery->image(hit.id);
      std::string text = image.path.string() + image.content_hash + std::to_string(hit.score);
      const Matrix tokens = gallery->tokens(hit.id);
      for (std::size_t i = 0; i < tokens.size(); ++i) text += ' ' + std::to_string(tokens.data()[i]);
      contents.insert(text);
    }
    const auto captions = gallery->nearest_captions(query, 100);
    for (const ScoredId& hit : captions[0]) {
      const CaptionRecord caption = gallery->caption(hit.id);
      contents.insert(gallery->image(caption.image).path.string() + caption.text.text +
                      std::to_string(hit.score));
    }
    for (const auto& skip : gallery->skipped()) contents.insert("skipped " + skip.path.string());
    return contents;
  }

  RepairReport repair() {
    return repair_gallery(gallery_, [this](const GalleryInfo&) { return model_; });
  }

  // After a repair nothing is damaged, and the answers are those of before.
  void expect_mended() {
    const RepairReport report = repair();
    EXPECT_FALSE(report.found.empty());
    EXPECT_FALSE(report.done.empty());
    EXPECT_TRUE(report.after.problems.empty()) << report.after.problems.front();
    EXPECT_EQ(contents(), contents_);
    const auto writer = GalleryWriter::open(gallery_, model_->info());
    EXPECT_EQ(index_pictures(*writer, model_, find_pictures(std::vector{photos_})).unchanged, 17u);
  }

  TemporaryFolder folder_;
  fs::path photos_ = folder_.path() / "photos";
  fs::path gallery_ = folder_.path() / "gallery";
  std::shared_ptr<const FakeModel> model_ = make_fake_model();
  std::map<fs::path, Bytes> whole_;
  std::multiset<std::string> contents_;
};

TEST_F(RepairGalleryTest, AGalleryInOrderIsNotTouched) {
  const Bytes lock = read_bytes(gallery_ / "lock");
  const RepairReport report =
      repair_gallery(gallery_, [](const GalleryInfo&) -> std::shared_ptr<const Model> {
        throw std::logic_error("no model is needed");
      });
  EXPECT_TRUE(report.found.empty());
  EXPECT_TRUE(report.done.empty());
  EXPECT_EQ(report.after.images, 17u);
  EXPECT_EQ(files(), whole_);
  EXPECT_EQ(read_bytes(gallery_ / "lock"), lock);
}

TEST_F(RepairGalleryTest, DamagedEmbeddingsAreComputedAnew) {
  flip(file("images-"), 128 + 5);
  flip(file("images-"), 128 + 16 * 4 * 7);
  const RepairReport report = repair();
  EXPECT_EQ(report.pictures, 2u);
  EXPECT_EQ(report.captions, 0u);
  EXPECT_TRUE(report.after.problems.empty());
  EXPECT_EQ(contents(), contents_);
}

TEST_F(RepairGalleryTest, DamagedTokensAreComputedAnew) {
  flip(file("tokens-"), 128 + 5);
  expect_mended();
}

TEST_F(RepairGalleryTest, DamagedCaptionsAreComputedAnewAndThePictureIsNot) {
  flip(file("captions-"), 128 + 5);
  const std::size_t before = model_->counts(FakeCall::kEncodeImages).inputs;
  expect_mended();
  EXPECT_EQ(model_->counts(FakeCall::kEncodeImages).inputs, before);
}

TEST_F(RepairGalleryTest, EveryFileMayBeMissingTruncatedOrGarbage) {
  const Bytes garbage(5000, std::byte{0x5a});
  for (const auto& [path, bytes] : whole_) {
    const std::string name = path.filename().string();
    if (name == "index.snapshot" || bytes.empty()) continue;  // none is no damage
    for (const std::size_t size :
         {std::size_t{0}, std::min<std::size_t>(60, bytes.size() / 3), bytes.size() / 2, bytes.size() - 1}) {
      // Half a catalogue is no longer all of it.
      if (name == "catalogue.sqlite" && size != bytes.size() - 1) continue;
      write_bytes(path, std::span(bytes).first(size));
      expect_mended();
      if (HasFailure()) FAIL() << name << " cut to " << size;
      put_back();
    }
    if (name == "catalogue.sqlite") continue;
    if (name != "catalogue.checksum") {  // as index.snapshot
      fs::remove(path);
      expect_mended();
      if (HasFailure()) FAIL() << name << " missing";
      put_back();
    }
    write_bytes(path, garbage);
    expect_mended();
    if (HasFailure()) FAIL() << name << " garbage";
    put_back();
  }
}

TEST_F(RepairGalleryTest, AllKindsOfDamageTogetherAreMended) {
  flip(gallery_ / "manifest.json", 50);
  flip(file("images-"), 128 + 5);
  flip(file("tokens-"), 3);
  fs::remove(file("captions-"));
  flip(gallery_ / "index.snapshot", 200);
  gallery::Database(gallery_ / "catalogue.sqlite", gallery::Database::Mode::kWrite)
      .execute("UPDATE images SET width = width + 1 WHERE id = 5");
  expect_mended();
}

TEST_F(RepairGalleryTest, APageOfTheCatalogueThatIsZeroLosesNoPictureThatHasItsFile) {
  const fs::path path = gallery_ / "catalogue.sqlite";
  const Bytes whole = read_bytes(path);
  for (std::size_t page = 0; page < whole.size(); page += 4096) {
    Bytes damaged = whole;
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(page), 4096, std::byte{0});
    write_bytes(path, damaged);
    const RepairReport report = repair();
    EXPECT_TRUE(report.after.problems.empty()) << report.after.problems.front();
    EXPECT_EQ(Gallery::open(gallery_)->info().images, 17u) << "page at " << page;
    put_back();
  }
}

TEST_F(RepairGalleryTest, ACatalogueOfWhichNothingIsLeftCannotBeRepaired) {
  const fs::path path = gallery_ / "catalogue.sqlite";
  for (const auto& bytes : {Bytes(), Bytes(20'000), Bytes(20'000, std::byte{0xff})}) {
    write_bytes(path, bytes);
    expect_error(ErrorCode::kBadFormat, {"catalogue.sqlite", "copy", "index anew"}, [&] { repair(); });
    EXPECT_EQ(read_bytes(path), bytes);
    put_back();
  }
}

TEST_F(RepairGalleryTest, APictureWhoseFileIsGoneIsSkippedAndComesBackWithIt) {
  flip(file("images-"), 128 + 5);
  const auto record = Gallery::open(gallery_)->images().at(0);
  fs::rename(record.path, folder_.path() / "aside");
  const RepairReport report = repair();
  EXPECT_TRUE(report.after.problems.empty());
  const auto gallery = Gallery::open(gallery_);
  EXPECT_EQ(gallery->info().images, 16u);
  ASSERT_EQ(gallery->skipped().size(), 2u);
  EXPECT_EQ(gallery->skipped()[0].path, record.path);
  EXPECT_NE(gallery->skipped()[0].reason.find("damaged"), std::string::npos);
  fs::rename(folder_.path() / "aside", record.path);
  const auto writer = GalleryWriter::open(gallery_, model_->info());
  EXPECT_EQ(index_pictures(*writer, model_, find_pictures(std::vector{photos_})).added, 1u);
}

TEST_F(RepairGalleryTest, ASegmentOfAnotherGalleryIsMovedAside) {
  const fs::path path = file("images-");
  fs::rename(gallery_, folder_.path() / "first");
  index_pictures(*GalleryWriter::open(gallery_, model_->info(), {TokenStorage::kInt8}), model_,
                 find_pictures(std::vector{photos_}));
  const Bytes foreign = read_bytes(path);
  fs::remove_all(gallery_);
  fs::rename(folder_.path() / "first", gallery_);
  write_bytes(path, foreign);
  expect_mended();
  EXPECT_EQ(read_bytes(path.string() + ".foreign"), foreign);
}

TEST_F(RepairGalleryTest, WithoutItsModelNothingIsChanged) {
  flip(file("images-"), 128 + 5);
  flip(gallery_ / "manifest.json", 50);
  const auto damaged = files();
  FakeModelOptions other;
  other.weights_fingerprint = "other";
  expect_error(ErrorCode::kInvalidArgument, "weights",
               [&] { repair_gallery(gallery_, [&](const GalleryInfo&) { return make_fake_model(other); }); });
  expect_error(ErrorCode::kNotFound, "no model", [&] {
    repair_gallery(gallery_, [&](const GalleryInfo& info) -> std::shared_ptr<const Model> {
      EXPECT_EQ(info.model.path, model_->info().path);
      throw Error(ErrorCode::kNotFound, "no model");
    });
  });
  EXPECT_EQ(files(), damaged);
}

TEST_F(RepairGalleryTest, ARemovedPictureDoesNotComeBack) {
  {
    const auto writer = GalleryWriter::open_existing(gallery_);
    writer->remove(photos_ / "5.png");
    writer->commit();
  }
  whole_ = files();
  contents_ = contents();
  const fs::path path = gallery_ / "catalogue.sqlite";
  for (std::size_t at = 4096; at < whole_[path].size(); at += 4096) {
    flip(path, at);
    repair();
    EXPECT_EQ(contents(), contents_);
    put_back();
  }
}

TEST_F(RepairGalleryTest, KilledAtAnyInstantItIsRepairedTheNextTime) {
  // TANDEM_KILLS sets how often.
  const char* wanted = std::getenv("TANDEM_KILLS");
  const int kills = wanted == nullptr ? 10 : std::atoi(wanted);
  const auto damage = [&] {
    flip(gallery_ / "manifest.json", 50);
    flip(file("images-"), 128 + 5);
    flip(file("tokens-"), 3);
    flip(file("captions-"), 200);
    gallery::Database(gallery_ / "catalogue.sqlite", gallery::Database::Mode::kWrite)
        .execute("UPDATE state SET images = 3");
  };
  // How long one takes depends on the machine; the kills shall fall within.
  damage();
  const auto begun = std::chrono::steady_clock::now();
  repair();
  std::chrono::duration<double> whole = std::chrono::steady_clock::now() - begun;
  put_back();
  std::mt19937 random(5);
  std::uniform_real_distribution<double> share(0, 1);
  for (int killed = 0; killed < kills;) {
    damage();
    const pid_t child = ::fork();
    if (child == 0) {
      repair();
      ::_exit(0);
    }
    std::this_thread::sleep_for(whole * share(random));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
      ++killed;
    } else {
      whole /= 2;  // it came to its end before
    }
    const RepairReport report = repair();
    ASSERT_TRUE(report.after.problems.empty()) << report.after.problems.front();
    ASSERT_EQ(contents(), contents_);
    put_back();
  }
}

}  // namespace
}  // namespace tandem
