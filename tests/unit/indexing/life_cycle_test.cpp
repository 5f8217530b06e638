// Indexing again: what changed is done, what did not is left alone, and nothing is lost.
#include <gmock/gmock.h>

#include "unit/indexing/index_test_base.h"

namespace tandem::indexing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LifeCycleTest : public IndexTest {
 protected:
  // What one run read, decoded and computed.
  IndexReport run_anew(const std::vector<fs::path>& pictures) {
    watch_.read.clear();
    computed_before_ = computed();
    decoded_before_ = decoded();
    return run(pictures);
  }
  std::size_t newly_computed() const { return computed() - computed_before_; }
  std::size_t newly_decoded() const { return decoded() - decoded_before_; }

  ImageRecord record_of(const fs::path& path) const {
    for (const ImageRecord& image : writer_.snapshot()->images()) {
      if (image.path == path) return image;
    }
    ADD_FAILURE() << path << " is not in the gallery";
    return {};
  }
  // The gallery has each picture with the embedding of what its file holds now.
  void expect_embeddings_of(const std::vector<fs::path>& pictures) {
    const auto gallery = writer_.snapshot();
    EXPECT_EQ(gallery->images().size(), pictures.size());
    for (const fs::path& path : pictures) {
      const ImageInput pixels = model_->preprocess(load_image(path));
      const auto wanted = model_->encode_images({&pixels, 1}, {.embedding = true, .tokens = false});
      const Matrix& embedding = wanted.front().embedding;
      const Matrix stored = gallery->embedding(record_of(path).id);
      EXPECT_TRUE(std::equal(stored.data(), stored.data() + stored.size(), embedding.data())) << path;
    }
  }
  void add_caption(ImageId id, const std::string& text) {
    writer_.add_caption(id, {Text(text), std::vector<float>(16, 0.25f)});
    writer_.commit();
  }

  std::size_t computed_before_ = 0;
  std::size_t decoded_before_ = 0;
};

TEST_F(LifeCycleTest, FilesOfTheSameSizeAndTimeAreNotEvenRead) {
  const auto pictures = make_pictures(3);
  run(pictures);
  EXPECT_EQ(run_anew(pictures).unchanged, 3u);
  EXPECT_THAT(watch_.read, IsEmpty());
}

TEST_F(LifeCycleTest, AFileThatWasOnlyTouchedIsReadOnceMoreButNotComputed) {
  const auto pictures = make_pictures(3);
  run(pictures);
  touch(pictures[1]);
  EXPECT_EQ(run_anew(pictures).unchanged, 3u);
  EXPECT_THAT(watch_.read, ElementsAre("1001.png"));
  EXPECT_EQ(newly_decoded() + newly_computed(), 0u);
  EXPECT_EQ(record_of(pictures[1]).id, 2);
  run_anew(pictures);
  EXPECT_THAT(watch_.read, IsEmpty()) << "its new time is known";
}

class ManyTest : public LifeCycleTest, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(ManyTest, AMovedFolderKeepsItsPicturesWithoutComputing) {
  const auto pictures = make_pictures(GetParam());
  run(pictures);
  fs::create_directory(folder_.path() / "moved");
  std::vector<fs::path> moved;
  for (const fs::path& path : pictures) {
    moved.push_back(folder_.path() / "moved" / path.filename());
    fs::rename(path, moved.back());
  }
  const IndexReport report = run_anew(moved);
  EXPECT_EQ(report.moved, GetParam());
  EXPECT_EQ(report.added + report.duplicates + report.updated + report.unchanged + report.skipped, 0u);
  EXPECT_EQ(newly_decoded() + newly_computed(), 0u);
  const auto images = writer_.snapshot()->images();
  ASSERT_EQ(images.size(), GetParam());
  for (std::size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(images[i].path, moved[i]);
    EXPECT_EQ(images[i].id, static_cast<ImageId>(i + 1));
  }
}

TEST_P(ManyTest, EqualFilesOfOneRunAreComputedOnceAndAllAreFound) {
  options_.batch_size = 4;
  options_.decode_threads = 3;
  std::vector<fs::path> pictures = make_pictures(GetParam());
  for (const fs::path& path : pictures) write_png(path, solid_picture(1, 2, 3));
  const IndexReport report = run_anew(pictures);
  EXPECT_EQ(report.added, std::min<std::size_t>(GetParam(), 1));
  EXPECT_EQ(report.added + report.duplicates, GetParam());
  EXPECT_EQ(newly_computed(), report.added);
  if (!pictures.empty()) expect_embeddings_of(pictures);
}

TEST_P(ManyTest, ASecondCopyOfAFolderIsNotComputed) {
  std::vector<fs::path> pictures = make_pictures(GetParam());
  run(pictures);
  for (std::size_t i = 0; i < GetParam(); ++i) {
    pictures.push_back(folder_.path() / ("copy" + pictures[i].filename().string()));
    fs::copy_file(pictures[i], pictures.back());
  }
  const IndexReport report = run_anew(pictures);
  EXPECT_EQ(report.duplicates, GetParam());
  EXPECT_EQ(report.unchanged, GetParam());
  EXPECT_EQ(newly_decoded() + newly_computed(), 0u);
  if (!pictures.empty()) expect_embeddings_of(pictures);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ManyTest, ::testing::Values(0, 1, 2, 17, 33));

TEST_F(LifeCycleTest, AMovedPictureKeepsItsCaptionsAndGetsThoseOfItsNewName) {
  const auto pictures = make_pictures(1);
  run(pictures);
  add_caption(1, "red");
  const fs::path moved = folder_.path() / "moved.png";
  fs::rename(pictures[0], moved);
  options_.captions_file =
      make_file("c.jsonl", "{\"file\": \"moved.png\", \"captions\": [\"red\", \"blue\"]}");
  EXPECT_EQ(run({moved}).captions, 1u);
  EXPECT_THAT(captions_of(1), ElementsAre("red", "blue"));
}

TEST_F(LifeCycleTest, AChangedPictureKeepsItsCaptionsAndGetsTheNewOnes) {
  const auto pictures = make_pictures(1);
  run(pictures);
  add_caption(1, "red");
  write_png(pictures[0], solid_picture(9, 9, 9, 20, 20));
  options_.captions_file =
      make_file("c.jsonl", "{\"file\": \"1000.png\", \"captions\": [\"red\", \"blue\"]}");
  const IndexReport report = run(pictures);
  EXPECT_EQ(report.updated, 1u);
  EXPECT_EQ(report.captions, 1u);
  EXPECT_THAT(captions_of(2), ElementsAre("red", "blue"));
  expect_embeddings_of(pictures);
}

TEST_F(LifeCycleTest, ADuplicateGetsTheCaptionsOfItsOwnName) {
  auto pictures = make_pictures(1);
  options_.captions_file = make_file("c.jsonl", "{\"file\": \"copy.png\", \"captions\": [\"blue\"]}");
  run(pictures);
  pictures.push_back(folder_.path() / "copy.png");
  fs::copy_file(pictures[0], pictures[1]);
  EXPECT_EQ(run(pictures).captions, 1u);
  EXPECT_THAT(captions_of(1), IsEmpty());
  EXPECT_THAT(captions_of(2), ElementsAre("blue"));
}

TEST_F(LifeCycleTest, SwappedFilesAreBothRight) {
  const auto pictures = make_pictures(3);
  run(pictures);
  fs::rename(pictures[0], folder_.path() / "aside");
  fs::rename(pictures[1], pictures[0]);
  fs::rename(folder_.path() / "aside", pictures[1]);
  touch(pictures[0]);
  touch(pictures[1]);
  const IndexReport report = run_anew(pictures);
  EXPECT_EQ(report.updated, 2u);
  EXPECT_EQ(report.unchanged, 1u);
  EXPECT_LE(newly_computed(), 1u);
  expect_embeddings_of(pictures);
}

TEST_F(LifeCycleTest, AFileMovedOntoAnotherReplacesIt) {
  const auto pictures = make_pictures(2);
  run(pictures);
  add_caption(2, "blue");
  fs::rename(pictures[0], pictures[1]);
  touch(pictures[1]);
  EXPECT_EQ(run_anew({pictures[1]}).updated, 1u);
  EXPECT_EQ(newly_computed(), 0u);
  EXPECT_THAT(captions_of(3), ElementsAre("blue"));
}

TEST_F(LifeCycleTest, OfTwoEqualFilesTheMissingOneIsTheOneThatMoved) {
  auto pictures = make_pictures(1);
  pictures.push_back(folder_.path() / "copy.png");
  fs::copy_file(pictures[0], pictures[1]);
  run(pictures);
  const fs::path moved = folder_.path() / "moved.png";
  fs::rename(pictures[1], moved);
  EXPECT_EQ(run({pictures[0], moved}).moved, 1u);
  EXPECT_EQ(record_of(moved).id, 2);
  EXPECT_EQ(record_of(pictures[0]).id, 1);
}

TEST_F(LifeCycleTest, AFileThatWasSkippedIsAMovedPictureNow) {
  const auto pictures = make_pictures(1);
  const fs::path bad = make_file("bad.png", "no picture");
  run({pictures[0], bad});
  fs::rename(pictures[0], bad);
  touch(bad);
  EXPECT_EQ(run_anew({bad}).moved, 1u);
  EXPECT_EQ(newly_computed(), 0u);
  EXPECT_THAT(writer_.snapshot()->skipped(), IsEmpty());
}

TEST_F(LifeCycleTest, DoublesOfAPictureThatCannotBeEncodedAreSkippedEach) {
  auto pictures = make_pictures(5);
  for (const std::size_t i : {0, 2, 3}) write_png(pictures[i], nan_picture());
  const IndexReport report = run(pictures);
  EXPECT_EQ(report.added, 2u);
  EXPECT_EQ(report.skipped, 3u);
  EXPECT_THAT(committed(), ElementsAre("1001.png", "1004.png"));
}

TEST_F(LifeCycleTest, ADoubleOfDamagedVectorsIsComputedAnew) {
  auto pictures = make_pictures(1);
  run(pictures);
  writer_.damaged = {1};
  pictures.push_back(folder_.path() / "copy.png");
  fs::copy_file(pictures[0], pictures[1]);
  EXPECT_EQ(run_anew(pictures).added, 1u);
  EXPECT_EQ(newly_computed(), 1u);
  expect_embeddings_of(pictures);
}

TEST_F(LifeCycleTest, APictureThatCannotBeReadForAMomentIsKept) {
  const auto pictures = make_pictures(2);
  run(pictures);
  add_caption(1, "red");
  write_png(pictures[0], solid_picture(9, 9, 9, 20, 20));
  watch_.unreadable = {pictures[0]};
  std::vector<std::string> skipped;
  options_.on_skipped = [&](const SkippedRecord& record) { skipped.push_back(record.path.filename()); };
  const IndexReport report = run(pictures);
  EXPECT_EQ(report.skipped, 1u);
  EXPECT_EQ(report.unchanged, 1u);
  EXPECT_THAT(skipped, ElementsAre("1000.png"));
  EXPECT_THAT(committed(), ElementsAre("1000.png", "1001.png"));
  EXPECT_THAT(captions_of(1), ElementsAre("red"));

  watch_.unreadable.clear();
  EXPECT_EQ(run(pictures).updated, 1u);
  expect_embeddings_of(pictures);
}

TEST_F(LifeCycleTest, APictureThatIsNotThereIsKeptToo) {
  const auto pictures = make_pictures(2);
  run(pictures);
  fs::remove(pictures[0]);
  EXPECT_EQ(run(pictures).skipped, 1u);
  EXPECT_THAT(committed(), ElementsAre("1000.png", "1001.png"));
}

TEST_F(LifeCycleTest, APictureThatIsNoneAnyMoreIsSkipped) {
  const auto pictures = make_pictures(2);
  run(pictures);
  write_file(pictures[0], "no picture now");
  EXPECT_EQ(run(pictures).skipped, 1u);
  EXPECT_THAT(committed(), ElementsAre("1001.png"));
  EXPECT_EQ(writer_.snapshot()->skipped().at(0).code, ErrorCode::kBadFormat);
}

TEST_F(LifeCycleTest, WhatTheSystemCouldNotReadIsTriedAgainThoughTheFileIsTheSame) {
  const auto pictures = make_pictures(1);
  watch_.unreadable = {pictures[0]};
  EXPECT_EQ(run(pictures).skipped, 1u);
  const std::size_t commits = writer_.commits;
  EXPECT_EQ(run(pictures).skipped, 1u);
  EXPECT_EQ(writer_.commits, commits) << "nothing new to record";
  watch_.unreadable.clear();
  EXPECT_EQ(run(pictures).added, 1u);
  EXPECT_THAT(writer_.snapshot()->skipped(), IsEmpty());
}

TEST(KnownContents, ForgetsWhatItIsToldTo) {
  KnownContents contents;
  contents.add("", "/nothing");
  EXPECT_FALSE(contents.contains(""));
  contents.add("h", "/a");
  contents.add("h", "/b");
  EXPECT_THAT(contents.paths_of("h"), ElementsAre("/a", "/b"));
  contents.remove("h", "/a");
  contents.remove("other", "/a");
  EXPECT_TRUE(contents.contains("h"));
  contents.remove("h", "/b");
  EXPECT_FALSE(contents.contains("h"));
  EXPECT_THAT(contents.paths_of("h"), IsEmpty());
  for (std::size_t i = 0; i < 2 * KnownContents::kMostPaths; ++i) contents.add("h", std::to_string(i));
  EXPECT_EQ(contents.paths_of("h").size(), KnownContents::kMostPaths);
}

}  // namespace
}  // namespace tandem::indexing
