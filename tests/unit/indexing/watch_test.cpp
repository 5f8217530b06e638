#include "indexing/watch.h"

#include <gmock/gmock.h>

#include <functional>

#include "core/fail.h"
#include "unit/indexing/index_test_base.h"

namespace tandem::indexing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kSecond_ns = 1'000'000'000;

// The gallery in memory, opened for a round.
class BorrowedWriter final : public GalleryWriter {
 public:
  explicit BorrowedWriter(MemoryWriter& writer) : writer_(writer) {}
  ~BorrowedWriter() override { writer_.roll_back(); }

  const GalleryInfo& info() const override { return writer_.info(); }
  std::optional<FileStamp> known(const fs::path& path) const override { return writer_.known(path); }
  std::optional<ImageRecord> find(const fs::path& path) const override { return writer_.find(path); }
  ImageId add(const NewImage& image) override { return writer_.add(image); }
  ImageId add_copy(ImageId source, const ImageRecord& record, std::span<const NewCaption> captions) override {
    return writer_.add_copy(source, record, captions);
  }
  void update(const ImageRecord& record) override { writer_.update(record); }
  CaptionId add_caption(ImageId image, const NewCaption& caption) override {
    return writer_.add_caption(image, caption);
  }
  void add_skipped(const SkippedRecord& record) override { writer_.add_skipped(record); }
  std::size_t remove(const fs::path& path) override { return writer_.remove(path); }
  void commit() override { writer_.commit(); }
  void build_index() override { writer_.build_index(); }
  CompactReport compact(const CompactOptions& options) override { return writer_.compact(options); }

 private:
  MemoryWriter& writer_;
};

class WatchTest : public IndexTest {
 protected:
  WatchTest() {
    clock_.epoch_ns = Clock::system().wall_ns() + 3600 * kSecond_ns;  // all files are old
    watch_options_.on_round = [this](const IndexReport& report, const GalleryInfo&) {
      rounds_.push_back(report);
    };
    watch_options_.on_trouble = [this](const Error& error) { troubles_.push_back(error.what()); };
  }
  // Watches the folder; after each look the next of `steps` is done, after the last one it stops.
  void watch(const std::vector<std::function<void()>>& steps) {
    std::stop_source stop;
    watch_options_.index.stop = stop.get_token();
    std::size_t step = 0;
    seams_.wait = [&](std::int64_t nanoseconds, const std::stop_token&) {
      waits_.push_back(nanoseconds);
      clock_.now_ns += nanoseconds;
      step < steps.size() ? steps[step++]() : static_cast<void>(stop.request_stop());
    };
    const auto open = [this] {
      ++opened_;
      if (busy_) fail(ErrorCode::kBusy, "held by another");
      return std::make_unique<BorrowedWriter>(writer_);
    };
    try {
      watch_paths(open, model_, std::vector{folder_.path()}, watch_options_, seams_);
      ADD_FAILURE() << "it returned";
    } catch (const Error& error) {
      code_ = error.code();
    }
  }

  // The file was written to a tenth of a second ago.
  void make_young(const fs::path& path) {
    const std::chrono::nanoseconds then(clock_.wall_ns() - kSecond_ns / 10);
    fs::last_write_time(
        path, fs::file_time_type::clock::from_sys(std::chrono::sys_time<std::chrono::nanoseconds>(then)));
  }

  WatchOptions watch_options_;
  std::vector<IndexReport> rounds_;
  std::vector<std::string> troubles_;
  std::vector<std::int64_t> waits_;
  std::size_t opened_ = 0;
  bool busy_ = false;
  ErrorCode code_ = ErrorCode::kBackend;
};

TEST_F(WatchTest, WhatComesAndGoesIsFollowed) {
  auto pictures = make_pictures(2);
  watch_options_.index.prune = true;
  const fs::path late = folder_.path() / "late.png";
  watch({[&] { write_png(late, solid_picture(200, 1, 1)); },
         [&] { fs::rename(late, folder_.path() / "later.png"); }, [&] { fs::remove(pictures[0]); }});
  EXPECT_EQ(code_, ErrorCode::kCancelled);
  ASSERT_EQ(rounds_.size(), 4u);
  EXPECT_EQ(rounds_[0].added, 2u);
  EXPECT_EQ(rounds_[1].added, 1u);
  EXPECT_EQ(rounds_[2].moved, 1u);
  EXPECT_EQ(rounds_[3].pruned, 1u);
  EXPECT_THAT(committed(), ElementsAre("1001.png", "later.png"));
}

TEST_F(WatchTest, TheGalleryIsOpenedOnlyWhenSomethingChanged) {
  make_pictures(2);
  watch({[] {}, [] {}, [&] { make_pictures(3); }, [] {}});
  EXPECT_EQ(opened_, 2u);
}

TEST_F(WatchTest, AFileThatMayStillBeWrittenIsLeftToTheNextRound) {
  make_pictures(1);
  const fs::path young = folder_.path() / "young.png";
  watch_options_.least_seconds = 0.95;
  watch({[&] {
           write_png(young, solid_picture(200, 1, 1));
           make_young(young);
         },
         [] {}});
  ASSERT_EQ(rounds_.size(), 2u);
  EXPECT_EQ(rounds_[0].added, 1u);
  EXPECT_EQ(rounds_[1].added, 1u);
  EXPECT_EQ(waits_.size(), 3u) << "one look passed it over";
}

TEST_F(WatchTest, AFileThatWasCopiedAndRemovedHasMoved) {
  const auto pictures = make_pictures(2);
  const fs::path moved = folder_.path() / "moved.png";
  watch_options_.index.prune = true;
  watch({[&] {
           fs::copy_file(pictures[0], moved);
           fs::remove(pictures[0]);
           make_young(moved);
         },
         [] {}});
  ASSERT_EQ(rounds_.size(), 3u);
  EXPECT_EQ(rounds_[1].vanished, 1u) << "not pruned while a new file is not looked at";
  EXPECT_EQ(rounds_[2].moved, 1u);
  EXPECT_EQ(writer_.snapshot()->image(1).path, moved);
}

TEST_F(WatchTest, LookingTakesATwentiethOfTheTime) {
  make_pictures(1);
  watch({});
  EXPECT_THAT(waits_, ElementsAre(2 * kSecond_ns));
  waits_.clear();
  watch_.on_list = [&] { clock_.now_ns += kSecond_ns; };  // listed once when named, once when visited
  watch({});
  EXPECT_THAT(waits_, ElementsAre(40 * kSecond_ns));
}

TEST_F(WatchTest, AnotherWriterIsWaitedForAndToldOnce) {
  make_pictures(1);
  busy_ = true;
  watch({[] {}, [] {}, [&] { busy_ = false; }, [] {}});
  EXPECT_THAT(troubles_, ElementsAre("held by another"));
  EXPECT_EQ(rounds_.size(), 1u);
  EXPECT_EQ(committed().size(), 1u);
}

TEST_F(WatchTest, AFolderThatIsGoneForAWhileLosesNothing) {
  make_pictures(2);
  watch_options_.index.prune = true;
  const fs::path away = folder_.path().string() + "-away";
  watch({[&] { fs::rename(folder_.path(), away); }, [] {}, [&] { fs::rename(away, folder_.path()); }, [] {}});
  ASSERT_EQ(troubles_.size(), 1u);
  EXPECT_THAT(troubles_[0], HasSubstr("no such file or folder"));
  EXPECT_EQ(rounds_.size(), 1u) << "it came back as it was";
  EXPECT_EQ(committed().size(), 2u);
}

TEST_F(WatchTest, AFolderThatIsNotThereAtTheBeginningIsAnError) {
  fs::remove(folder_.path());
  watch({});
  EXPECT_EQ(code_, ErrorCode::kNotFound);
  EXPECT_EQ(opened_, 0u);
  EXPECT_THAT(troubles_, IsEmpty());
}

TEST_F(WatchTest, WhatCannotPassEndsIt) {
  make_pictures(1);
  watch({[&] {
    make_pictures(2);
    writer_.on_commit = [] { fail(ErrorCode::kBadFormat, "damaged"); };
  }});
  EXPECT_EQ(code_, ErrorCode::kBadFormat);
}

TEST_F(WatchTest, AFailedRoundIsDoneAgain) {
  make_pictures(1);
  watch({[&] {
           make_pictures(2);
           writer_.on_commit = [] { fail(ErrorCode::kBackend, "disk full"); };
         },
         [&] { writer_.on_commit = {}; }});
  EXPECT_THAT(troubles_, ElementsAre("disk full"));
  EXPECT_EQ(rounds_.size(), 2u);
  EXPECT_EQ(committed().size(), 2u);
}

TEST(WaitOrStop, EndsAtOnceWhenAStopIsRequested) {
  std::stop_source stop;
  stop.request_stop();
  const std::int64_t begun_ns = Clock::system().monotonic_ns();
  wait_or_stop(3600 * kSecond_ns, stop.get_token());
  EXPECT_LT(Clock::system().monotonic_ns() - begun_ns, 3600 * kSecond_ns);
}

TEST(WaitOrStop, WaitsForItsTimeWithoutAStop) {
  const std::int64_t begun_ns = Clock::system().monotonic_ns();
  wait_or_stop(1'000'000, {});
  EXPECT_GE(Clock::system().monotonic_ns() - begun_ns, 1'000'000);
}

TEST(WatchOptions, ValidateSaysWhatToMend) {
  WatchOptions options;
  options.least_seconds = -1;
  EXPECT_THROW(options.validate(), Error);
  options.least_seconds = 0;
  options.index.batch_size = 0;
  EXPECT_THROW(options.validate(), Error);
}

}  // namespace
}  // namespace tandem::indexing
