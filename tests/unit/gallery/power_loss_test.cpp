// The power goes after every single change of a file: what was committed is there, whatever became of that
// which was not synced.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <set>

#include "support/answers.h"
#include "support/medium.h"
#include "support/temporary_folder.h"
#include "unit/gallery/small_segments.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

// The folders above the gallery are missing at first too.
const fs::path kGallery = "some/where/gallery";

std::unique_ptr<GalleryWriter> open_int8_writer(FileSystem& files, const fs::path& folder) {
  return gallery::open_writer(files, folder, made_model(), {TokenStorage::kInt8, "HNSW8"}, kSmallSegments);
}

// The life of a gallery; each act commits once, or changes nothing that can be seen.
const std::vector<std::function<void(GalleryWriter&)>> kActs = {
    [](GalleryWriter&) {},  // opening creates it
    [](GalleryWriter& writer) { add_images(writer, kPictures, 0, 3); },
    [](GalleryWriter& writer) {
      writer.add_skipped({kPictures / "odd.jpg", {3, 4}, ErrorCode::kUnsupported, "odd"});
      add_images(writer, kPictures, 3, 4);
    },
    [](GalleryWriter& writer) { writer.build_index(); },
    [](GalleryWriter& writer) {
      writer.remove(picture(1));
      add_images(writer, kPictures, 2, 1);
    },
    [](GalleryWriter& writer) {
      writer.add_caption(1, made_image(kPictures, 2).captions.at(0));
      writer.commit();
    },
    [](GalleryWriter& writer) {
      ImageRecord record = writer.find(picture(4)).value();
      writer.add_copy(record.id, made_image(kPictures, 21).record);
      record.path = picture(22);
      writer.update(record);
      writer.commit();
    },
    [](GalleryWriter& writer) { writer.compact(); },
    [](GalleryWriter& writer) { add_images(writer, kPictures, 7, 2); },
    [](GalleryWriter& writer) { writer.build_index(); },
    [](GalleryWriter& writer) { writer.add(made_image(kPictures, 20)); },  // which is dropped
    [](GalleryWriter& writer) {
      writer.remove(kPictures);
      writer.commit();
    },
    [](GalleryWriter& writer) { add_images(writer, kPictures, 30, 2); },
};
// After these acts the writer is closed.
const std::set<std::size_t> kClosedAfter = {4, 10};

std::string contents_if_there(const fs::path& folder) {
  return fs::exists(folder / "manifest.json") ? answers_of(folder) : "no gallery";
}

// What a writer that goes on makes of the gallery.
std::string contents_after_going_on(const fs::path& folder) {
  add_images(*open_int8_writer(FileSystem::system(), folder), kPictures, 40, 2);
  return answers_of(folder);
}

class PowerLossTest : public ::testing::TestWithParam<Survival> {
 protected:
  PowerLossTest() {
    note_moment();
    std::unique_ptr<GalleryWriter> writer;
    for (std::size_t act = 0; act < kActs.size(); ++act) {
      if (writer == nullptr) writer = open_int8_writer(files_, life_.path() / kGallery);
      kActs[act](*writer);
      if (kClosedAfter.contains(act)) writer.reset();
      note_moment();
    }
  }

  void note_moment() {
    const fs::path gallery = life_.path() / kGallery;
    const TemporaryFolder copy(memory_folder());
    if (fs::exists(gallery)) fs::copy(gallery, copy.path(), fs::copy_options::recursive);
    moments_.push_back(
        {files_.events().size(), contents_if_there(gallery), contents_after_going_on(copy.path())});
  }

  // Checks what is found where the power goes after the moment `before` and not after the next one.
  void check(const FoundFiles& found, std::size_t before) {
    const TemporaryFolder folder(memory_folder());
    for (const auto& [name, bytes] : found) {
      fs::create_directories((folder.path() / name).parent_path());
      std::ofstream(folder.path() / name, std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    const fs::path gallery = folder.path() / kGallery;
    const std::string contents = contents_if_there(gallery);
    const std::size_t after = std::min(before + 1, moments_.size() - 1);
    const Moment& moment = moments_[contents == moments_[after].contents ? after : before];
    ASSERT_EQ(contents, moment.contents);
    if (fs::exists(gallery / "manifest.json")) expect_whole(gallery);
    ASSERT_EQ(contents_after_going_on(gallery), moment.contents_after_going_on);
    expect_whole(gallery);
  }

  static void expect_whole(const fs::path& gallery) {
    const auto report = verify_gallery(gallery, true);
    ASSERT_TRUE(report.problems.empty()) << report.problems.front();
  }

  struct Moment {
    std::size_t events;  // how many came before
    std::string contents;
    std::string contents_after_going_on;
  };
  const TemporaryFolder life_{memory_folder()};
  RecordingFileSystem files_;
  std::vector<Moment> moments_;
};

TEST_P(PowerLossTest, LosesNothingThatWasCommitted) {
  // What survives by chance is drawn several times; sanitizers, which look at memory, see enough in one.
  const std::uint32_t draws = GetParam() == Survival::kSome && !TANDEM_SANITIZED ? 3 : 1;
  const auto& events = files_.events();
  Medium medium(life_.path());
  std::set<std::pair<std::size_t, std::uint64_t>> checked;
  std::size_t moment = 0;
  for (std::size_t count = 0; count <= events.size(); ++count) {
    if (count > 0) medium.apply(events[count - 1]);
    while (moment + 1 < moments_.size() && moments_[moment + 1].events <= count) ++moment;
    for (std::uint32_t draw = 0; draw < draws; ++draw) {
      SCOPED_TRACE(fmt::format("after change {} of {}, act {}, draw {}", count, events.size(), moment, draw));
      const FoundFiles found =
          medium.lose_power(GetParam(), static_cast<std::uint32_t>(count) * draws + draw);
      if (!checked.emplace(moment, digest_of(found)).second) continue;
      ASSERT_NO_FATAL_FAILURE(check(found, moment));
    }
  }
  EXPECT_GT(checked.size(), 3 * kActs.size());
}

INSTANTIATE_TEST_SUITE_P(Surviving, PowerLossTest,
                         ::testing::Values(Survival::kNothing, Survival::kEverything, Survival::kSome),
                         [](const auto& test) { return name_of(test.param); });

}  // namespace
}  // namespace tandem
