#include <gmock/gmock.h>
#include <sys/stat.h>

#include <new>

#include "support/error_code_of.h"
#include "support/expect_error.h"
#include "unit/indexing/index_test_base.h"

namespace tandem::indexing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using IndexPicturesTest = IndexTest;

std::vector<float> values_of(const Matrix& matrix) { return {matrix.data(), matrix.data() + matrix.size()}; }

class IndexSizesTest : public IndexPicturesTest, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(IndexSizesTest, AllPicturesComeInOrderInBatchesOfTheWantedSize) {
  options_.batch_size = 4;
  options_.decode_threads = 3;
  const auto pictures = make_pictures(GetParam());
  const IndexReport report = run(pictures);
  EXPECT_EQ(report.added, GetParam());
  EXPECT_EQ(report.updated + report.unchanged + report.skipped + report.captions, 0u);
  const auto images = writer_.snapshot()->images();
  ASSERT_EQ(images.size(), pictures.size());
  for (std::size_t i = 0; i < images.size(); ++i) EXPECT_EQ(images[i].path, pictures[i]);
  const FakeCounts& encode = model_->counts(FakeCall::kEncodeImages);
  EXPECT_EQ(encode.inputs, GetParam());
  EXPECT_EQ(encode.calls, (GetParam() + 3) / 4);
}

INSTANTIATE_TEST_SUITE_P(Sizes, IndexSizesTest, ::testing::Values(0, 1, 2, 4, 17, 33));

TEST_F(IndexPicturesTest, WhatIsStoredIsWhatTheModelGives) {
  const auto picture = folder_.path() / "red.png";
  write_png(picture, solid_picture(255, 0, 0, 6, 9));
  run({picture});
  const auto gallery = writer_.snapshot();
  const ImageRecord record = gallery->image(1);
  EXPECT_EQ(record.width, 6u);
  EXPECT_EQ(record.height, 9u);
  EXPECT_EQ(record.content_hash.size(), 32u);
  EXPECT_EQ(record.stamp.bytes, fs::file_size(picture));
  const ImageInput pixels = model_->preprocess(solid_picture(255, 0, 0, 6, 9));
  const EncodedImage wanted =
      model_->encode_images({&pixels, 1}, {.embedding = true, .tokens = true}).front();
  EXPECT_EQ(values_of(gallery->embedding(1)), values_of(wanted.embedding));
  EXPECT_EQ(values_of(gallery->tokens(1)), values_of(wanted.tokens));
}

// The model that embeds is that of the fixture.
class IndexTwoModelsTest : public IndexPicturesTest {
 protected:
  static FakeModelOptions second_options() {
    FakeModelOptions options;
    options.family = "second";
    options.path = "models/second";
    options.capabilities = {.embed_text = false, .embed_image = false, .match = true};
    options.token_width = 5;
    options.grid = 3;
    options.weights_fingerprint = "second";
    return options;
  }
  IndexReport run_both(const std::vector<fs::path>& pictures) {
    return index_pictures(both_, {model_, second_}, pictures, options_, seams_);
  }

  std::shared_ptr<const FakeModel> second_ = make_fake_model(second_options());
  MemoryWriter both_{{model_->info(), &second_->info()}};
};

TEST_F(IndexTwoModelsTest, TheFirstEmbedsAndTheSecondGivesTheTokens) {
  const auto picture = folder_.path() / "a.png";
  const Image image = solid_picture(200, 30, 0, 9, 9);
  write_png(picture, image);
  EXPECT_EQ(run_both({picture}).added, 1u);
  const ImageInput first = model_->preprocess(image);
  const ImageInput second = second_->preprocess(image);
  const auto gallery = both_.snapshot();
  EXPECT_THAT(values_of(gallery->embedding(1)),
              ElementsAreArray(values_of(
                  model_->encode_images({&first, 1}, {.embedding = true, .tokens = false})[0].embedding)));
  EXPECT_THAT(values_of(gallery->tokens(1)),
              ElementsAreArray(values_of(
                  second_->encode_images({&second, 1}, {.embedding = false, .tokens = true})[0].tokens)));
}

TEST_F(IndexTwoModelsTest, APictureThatOneOfThemCannotTakeIsSkippedAlone) {
  FakeModelOptions failing = second_options();
  failing.on_call = [](FakeCall call, std::size_t inputs) {
    if (call == FakeCall::kEncodeImages && inputs > 1) throw Error(ErrorCode::kBackend, "one at a time");
  };
  second_ = make_fake_model(failing);
  auto pictures = make_pictures(5);
  write_png(pictures[1], nan_picture());  // the first embeds it as NaN
  const IndexReport report = run_both(pictures);
  EXPECT_EQ(report.added, 4u);
  EXPECT_EQ(report.skipped, 1u);
  const auto gallery = both_.snapshot();
  for (const ImageRecord& image : gallery->images()) {
    EXPECT_NE(image.path, pictures[1]);
    EXPECT_EQ(gallery->tokens(image.id).columns(), 5u);
  }
}

TEST_F(IndexTwoModelsTest, WithoutTokensTheSecondIsNotAsked) {
  MemoryWriter bare({model_->info(), &second_->info()}, TokenStorage::kNone);
  EXPECT_EQ(index_pictures(bare, {model_, second_}, make_pictures(2), options_, seams_).added, 2u);
  EXPECT_EQ(second_->counts(FakeCall::kEncodeImages).calls, 0u);
}

TEST_F(IndexTwoModelsTest, AMissingOrAnotherSecondIsRefused) {
  const auto pictures = make_pictures(1);
  EXPECT_EQ(error_code_of([&] { index_pictures(both_, model_, pictures, options_, seams_); }),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] {
              index_pictures(both_, {model_, make_fake_model()}, pictures, options_, seams_);
            }),
            ErrorCode::kInvalidArgument);
}

TEST_F(IndexTwoModelsTest, ModelsThatReadDifferentThingsAreRefusedTogether) {
  FakeModelOptions regions = second_options();
  regions.reads_regions = true;
  second_ = make_fake_model(regions);
  expect_error(ErrorCode::kInvalidArgument, "detector", [&] { run_both(make_pictures(1)); });
}

TEST_F(IndexPicturesTest, AGalleryWithoutTokensIsGivenNone) {
  MemoryWriter bare(model_->info(), TokenStorage::kNone);
  std::size_t token_rows = 1;
  bare.on_add = [&](const NewImage& image) { token_rows = image.encoded.tokens.rows(); };
  index_pictures(bare, model_, make_pictures(1), {}, {});
  EXPECT_EQ(token_rows, 0u);
}

TEST_F(IndexPicturesTest, ASecondRunReadsAndComputesNothing) {
  const auto pictures = make_pictures(3);
  run(pictures);
  const std::size_t commits = writer_.commits;
  const IndexReport again = run(pictures);
  EXPECT_EQ(again.unchanged, 3u);
  EXPECT_EQ(again.added + again.updated, 0u);
  EXPECT_EQ(model_->counts(FakeCall::kPreprocess).calls, 3u);
  EXPECT_EQ(writer_.commits, commits);
}

TEST_F(IndexPicturesTest, AChangedPictureIsReplacedOthersStay) {
  const auto pictures = make_pictures(3);
  run(pictures);
  write_png(pictures[1], solid_picture(1, 2, 3, 20, 20));
  const IndexReport report = run(pictures);
  EXPECT_EQ(report.updated, 1u);
  EXPECT_EQ(report.unchanged, 2u);
  EXPECT_THAT(committed(), ElementsAre("1000.png", "1002.png", "1001.png"));
}

TEST_F(IndexPicturesTest, WhatCannotBeReadIsSkippedWithItsReasonAndShiftsNothing) {
  auto pictures = make_pictures(2);
  const auto fifo = folder_.path() / "pipe.jpg";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  pictures.insert(pictures.begin() + 1, {make_file("empty.jpg", ""), make_file("text.jpg", "hello"), fifo,
                                         folder_.path() / "missing.jpg", make_file("a\nb.jpg", "x")});
  std::vector<std::string> reported;
  options_.on_skipped = [&](const SkippedRecord& record) { reported.push_back(record.path.filename()); };
  const IndexReport report = run(pictures);
  EXPECT_EQ(report.added, 2u);
  EXPECT_EQ(report.skipped, 5u);
  EXPECT_THAT(committed(), ElementsAre("1000.png", "1001.png"));
  EXPECT_THAT(reported, ElementsAre("empty.jpg", "text.jpg", "pipe.jpg", "missing.jpg", "a\nb.jpg"));
  for (const SkippedRecord& record : writer_.snapshot()->skipped()) EXPECT_FALSE(record.reason.empty());
  EXPECT_EQ(writer_.snapshot()->stored_skipped.at(folder_.path() / "missing.jpg").code, ErrorCode::kNotFound);
}

TEST_F(IndexPicturesTest, ASkippedPictureIsReportedAgainButReadAgainOnlyWhenItChanges) {
  const auto picture = make_file("a.png", "not a picture");
  EXPECT_EQ(run({picture}).skipped, 1u);
  std::size_t reported = 0;
  options_.on_skipped = [&](const SkippedRecord& record) { reported += record.reason.empty() ? 0 : 1; };
  const std::size_t commits = writer_.commits;
  EXPECT_EQ(run({picture}).skipped, 1u);
  EXPECT_EQ(reported, 1u);
  EXPECT_EQ(writer_.commits, commits);
  write_png(picture, solid_picture(1, 2, 3));
  const IndexReport mended = run({picture});
  EXPECT_EQ(mended.added, 1u);
  EXPECT_EQ(mended.updated + mended.skipped, 0u);
  EXPECT_THAT(writer_.snapshot()->skipped(), IsEmpty());
}

TEST_F(IndexPicturesTest, APictureThatGivesNanIsSkippedAloneOutOfItsBatch) {
  auto pictures = make_pictures(7);
  write_png(pictures[4], nan_picture());
  const IndexReport report = run(pictures);
  EXPECT_EQ(report.added, 6u);
  EXPECT_EQ(report.skipped, 1u);
  EXPECT_EQ(writer_.snapshot()->skipped().front().path, pictures[4]);
}

TEST_F(IndexPicturesTest, OutOfMemoryEndsThePictureNotTheRun) {
  std::atomic<int> calls = 0;
  FakeModelOptions options;
  options.on_call = [&](FakeCall call, std::size_t) {
    if (call == FakeCall::kPreprocess && ++calls == 2) throw std::bad_alloc();
  };
  use_model(options);
  const IndexReport report = run(make_pictures(5));
  EXPECT_EQ(report.added, 4u);
  EXPECT_EQ(report.skipped, 1u);
  EXPECT_THAT(writer_.snapshot()->skipped().front().reason, HasSubstr("out of memory"));
}

TEST_F(IndexPicturesTest, ABatchTooLargeForTheMemoryIsHalved) {
  FakeModelOptions options;
  options.on_call = [](FakeCall call, std::size_t inputs) {
    if (call == FakeCall::kEncodeImages && inputs > 2) throw std::bad_alloc();
  };
  use_model(options);
  EXPECT_EQ(run(make_pictures(16)).added, 16u);
}

TEST_F(IndexPicturesTest, CommitsEverySoManyPicturesAndAtTheEnd) {
  options_.commit_every = 3;
  options_.batch_size = 2;
  run(make_pictures(7));
  EXPECT_EQ(writer_.commits, 3u);
  EXPECT_EQ(committed().size(), 7u);
}

TEST_F(IndexPicturesTest, ASlowModelCommitsByTimeAndInSmallBatches) {
  FakeModelOptions slow;
  slow.on_call = [&](FakeCall call, std::size_t inputs) {
    if (call == FakeCall::kEncodeImages) clock_.now_ns += static_cast<std::int64_t>(inputs) * 2'000'000'000;
  };
  use_model(slow);
  std::vector<std::size_t> commits_at;
  writer_.on_commit = [&] { commits_at.push_back(computed()); };
  run(make_pictures(24));
  // The first batch takes 32 seconds; then two pictures at a time take 4.
  EXPECT_THAT(commits_at, ElementsAre(16, 20, 24));
  EXPECT_EQ(model_->counts(FakeCall::kEncodeImages).calls, 5u);
}

TEST_F(IndexPicturesTest, AStopCommitsWhatIsDoneAndTheNextRunGoesOn) {
  std::stop_source stop;
  options_.batch_size = 2;
  options_.stop = stop.get_token();
  options_.on_progress = [&](const IndexProgress& progress) {
    if (progress.done == 4) stop.request_stop();
  };
  const auto pictures = make_pictures(9);
  EXPECT_EQ(error_of(pictures), ErrorCode::kCancelled);
  EXPECT_THAT(message_, HasSubstr("4 of 9"));
  EXPECT_THAT(committed(), ElementsAre("1000.png", "1001.png", "1002.png", "1003.png"));

  options_.stop = {};
  options_.on_progress = {};
  const IndexReport rest = run(pictures);
  EXPECT_EQ(rest.unchanged, 4u);
  EXPECT_EQ(rest.added, 5u);
}

TEST_F(IndexPicturesTest, AFailingDiskEndsTheRunWithWhatWasCommitted) {
  options_.batch_size = 1;
  options_.commit_every = 2;
  std::size_t added = 0;
  writer_.on_add = [&](const NewImage&) {
    if (++added == 4) fail(ErrorCode::kBackend, "disk full");
  };
  EXPECT_EQ(error_of(make_pictures(6)), ErrorCode::kBackend);
  EXPECT_EQ(committed().size(), 2u);
}

TEST_F(IndexPicturesTest, ProgressCountsEveryPictureOnce) {
  auto pictures = make_pictures(4);
  run({pictures[0]});
  pictures.push_back(make_file("bad.jpg", "x"));
  std::vector<IndexProgress> seen;
  options_.on_progress = [&](const IndexProgress& progress) { seen.push_back(progress); };
  run(pictures);
  ASSERT_EQ(seen.size(), 5u);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].done, i + 1);
    EXPECT_EQ(seen[i].total, 5u);
  }
  EXPECT_EQ(seen.back().skipped, 1u);
}

TEST_F(IndexPicturesTest, CaptionsComeWithTheirPictureAndLaterOnesOnce) {
  const auto pictures = make_pictures(3);
  options_.captions_file = make_file("c.jsonl",
                                     "{\"file\": \"1000.png\", \"captions\": [\"red\", \"blue\"]}\n"
                                     "{\"file\": \"elsewhere.png\", \"captions\": [\"green\"]}\n");
  EXPECT_EQ(run(pictures).captions, 2u);
  EXPECT_THAT(captions_of(1), ElementsAre("red", "blue"));
  EXPECT_EQ(run(pictures).captions, 0u) << "not twice";

  make_file("c.jsonl",
            "{\"file\": \"1000.png\", \"captions\": [\"blue\", \"white\"], \"de\": \"blue\"}\n"
            "{\"file\": \"1002.png\", \"captions\": [\"black\"]}\n");
  EXPECT_EQ(run(pictures).captions, 3u);
  EXPECT_EQ(run(pictures).captions, 0u);
  EXPECT_THAT(captions_of(1), ElementsAre("red", "blue", "white", "blue"));
  EXPECT_THAT(captions_of(3), ElementsAre("black"));
  const TokenIds black = model_->tokenizer().encode("black");
  const auto hits = writer_.snapshot()->nearest_captions(model_->embed_texts({&black, 1}), 1);
  EXPECT_NEAR(hits.front().front().score, 1, 1e-5);
}

TEST_F(IndexPicturesTest, ABadCaptionsFileChangesNothing) {
  options_.captions_file = make_file("c.jsonl", "{}\n");
  EXPECT_EQ(error_of(make_pictures(2)), ErrorCode::kBadFormat);
  EXPECT_EQ(writer_.commits, 0u);
}

TEST_F(IndexPicturesTest, AnotherModelIsRefusedByName) {
  FakeModelOptions options;
  options.weights_fingerprint = "other";
  options.path = "models/other";
  use_model(options);
  EXPECT_EQ(error_of(make_pictures(1)), ErrorCode::kInvalidArgument);
  EXPECT_THAT(message_, HasSubstr("models/other"));
  EXPECT_THAT(message_, HasSubstr("models/fake"));
}

TEST_F(IndexPicturesTest, AModelThatCannotEmbedPicturesIsUnsupported) {
  FakeModelOptions options;
  options.capabilities = {.embed_text = true, .embed_image = false, .match = false};
  use_model(options);
  EXPECT_EQ(error_of(make_pictures(1)), ErrorCode::kUnsupported);
}

TEST_F(IndexPicturesTest, APictureBeyondAThreadsShareIsReadWithTheWholeLimit) {
  // More threads than pixels: every picture is beyond a share.
  const KnownContents known;
  const regions::RegionLibrary regions;
  const auto pictures = make_pictures(2);
  const PictureLoader loader(FileSystem::system(), model_, {}, regions, known,
                             PictureLoader::kPixelsTogether);
  EXPECT_EQ(loader.load(pictures[0], fs::file_size(pictures[0]), Decode::kAlways).width, 8u);
  ImageLimits small;
  small.max_pixels = 63;
  const PictureLoader strict(FileSystem::system(), model_, small, regions, known, 1);
  EXPECT_THROW(strict.load(pictures[0], fs::file_size(pictures[0]), Decode::kAlways), Error);
}

TEST(IndexOptions, ValidateSaysWhatToMend) {
  EXPECT_NO_THROW(IndexOptions{}.validate());
  const auto expect_refusal = [](const std::string& word, auto change) {
    IndexOptions options;
    change(options);
    expect_error(ErrorCode::kInvalidArgument, word, [&] { options.validate(); });
  };
  expect_refusal("batch_size", [](IndexOptions& o) { o.batch_size = 0; });
  expect_refusal("commit_every", [](IndexOptions& o) { o.commit_every = 0; });
  expect_refusal("decode_threads (5000)", [](IndexOptions& o) { o.decode_threads = 5000; });
  expect_refusal("0 pixels", [](IndexOptions& o) { o.limits.max_pixels = 0; });
}

}  // namespace
}  // namespace tandem::indexing
