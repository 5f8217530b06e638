// A writing process is killed at random instants: what it reported as committed is there, all else is not,
// and the gallery is whole. TANDEM_KILLS sets how often.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "support/made_gallery.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

// What picture numbers a gallery holds, as a set of bits; numbers go from 0 to 63.
using Numbers = std::uint64_t;

// One step of a writing process: adds, replaces and removes some pictures, commits. Everything follows from
// `seed`. Returns what the gallery holds then.
Numbers write_some(GalleryWriter& writer, const std::filesystem::path& pictures, Numbers held,
                   std::uint32_t seed) {
  std::mt19937 random(seed);
  for (int i = 0; i < 6; ++i) {
    const std::uint32_t n = random() % 64;
    const NewImage image = made_image(pictures, n);
    if (random() % 3 == 0) {
      writer.remove(image.record.path);
      held &= ~(Numbers{1} << n);
    } else {
      writer.add(image);
      held |= Numbers{1} << n;
    }
  }
  writer.commit();
  if (seed % 4 == 0) writer.build_index();
  return held;
}

Numbers numbers_in(const std::filesystem::path& folder, const std::filesystem::path& pictures) {
  const auto gallery = Gallery::open(folder);
  Numbers held = 0;
  for (const auto& image : gallery->images()) {
    const auto n = static_cast<std::uint32_t>(std::stoul(image.path.stem().string()));
    const NewImage wanted = made_image(pictures, n);
    EXPECT_EQ(image.stamp, wanted.record.stamp);
    const Matrix embedding = gallery->embedding(image.id);
    EXPECT_TRUE(std::equal(embedding.row(0).begin(), embedding.row(0).end(),
                           wanted.encoded.embedding.row(0).begin()));
    EXPECT_EQ(gallery->captions_of(image.id).size(), wanted.captions.size());
    held |= Numbers{1} << n;
  }
  return held;
}

struct Step {
  std::uint32_t seed;
  Numbers held;
};

// Writes until it is killed, and tells the pipe of each step before it begins and once it is committed.
[[noreturn]] void write_for_ever(const std::filesystem::path& folder, const std::filesystem::path& pictures,
                                 Numbers held, std::uint32_t seed, int pipe) {
  try {
    const auto writer = GalleryWriter::open(folder, made_model(), {TokenStorage::kFp16, "HNSW8"});
    for (;; ++seed) {
      held = write_some(*writer, pictures, held, seed);
      const Step step{seed, held};
      if (::write(pipe, &step, sizeof step) != sizeof step) ::_exit(2);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    ::_exit(1);
  }
}

// What a step that was not reported may have made of `held`, had its commit come through.
Numbers after_step(Numbers held, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (int i = 0; i < 6; ++i) {
    const std::uint32_t n = random() % 64;
    held = random() % 3 == 0 ? held & ~(Numbers{1} << n) : held | Numbers{1} << n;
  }
  return held;
}

TEST(KilledWriter, LosesNothingThatWasCommittedAndLeavesNothingElse) {
  const char* wanted_kills = std::getenv("TANDEM_KILLS");
  const int kills = wanted_kills == nullptr ? 25 : std::atoi(wanted_kills);
  const TemporaryFolder folder;
  const auto path = folder.path() / "g";
  const auto pictures = folder.path() / "pictures";
  std::mt19937 random(11);
  Numbers held = 0;
  std::uint32_t seed = 1;
  int committed_steps = 0;
  for (int kill = 0; kill < kills; ++kill) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) write_for_ever(path, pictures, held, seed, ends[1]);
    ::close(ends[1]);
    const auto read_step = [&] {
      Step step;
      if (::read(ends[0], &step, sizeof step) != sizeof step) return false;
      held = step.held;
      seed = step.seed + 1;
      ++committed_steps;
      return true;
    };
    // Some steps are awaited, so that kills fall everywhere however fast the disk is.
    for (std::uint32_t awaited = random() % 4; awaited > 0; --awaited) read_step();
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself: " << status;
    while (read_step()) {
    }
    ::close(ends[0]);
    if (!std::filesystem::exists(path / "manifest.json")) continue;  // killed while creating
    const auto report = verify_gallery(path, true);
    ASSERT_TRUE(report.problems.empty()) << "kill " << kill << ": " << report.problems.front();
    const Numbers found = numbers_in(path, pictures);
    if (found != held) {
      // The commit was done, the report of it was not.
      ASSERT_EQ(found, after_step(held, seed)) << "kill " << kill;
      held = found;
      ++seed;
    }
  }
  EXPECT_GT(committed_steps, kills / 2) << "the kills came too early to mean anything";
  const auto writer = GalleryWriter::open(path, made_model());
  held = write_some(*writer, pictures, held, seed);
  EXPECT_EQ(numbers_in(path, pictures), held) << "and it goes on";
}

}  // namespace
}  // namespace tandem
