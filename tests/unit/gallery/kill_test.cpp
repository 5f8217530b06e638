// A writing process is killed at random instants, and another gallery is changed alike without being killed:
// what was reported as committed is there, all else is not, and both answer alike. TANDEM_KILLS sets how
// often.
#include <gtest/gtest.h>
#include <omp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "support/answers.h"
#include "support/random_change.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<GalleryWriter> open_exact_writer(const fs::path& folder) {
  // With an index that finds all, so that answers do not hang on when it was built.
  return gallery::open_writer(FileSystem::system(), folder, made_model(), {TokenStorage::kInt8, "Flat"},
                              {4000});
}

// One step of a writer. Everything follows from its number and from what the gallery holds.
void commit_step(GalleryWriter& writer, std::uint32_t step) {
  std::mt19937 random(step);
  for (int i = 0; i < 6; ++i) make_change(writer, random_change(random));
  // So that no two steps look alike.
  writer.add_skipped({"/steps/last.jpg", {step, 0}, ErrorCode::kBadFormat, "a step"});
  writer.commit();
}

// What changes no answer.
void tidy_up(GalleryWriter& writer, std::uint32_t step) {
  if (step % 3 == 0) writer.compact();
  if (step % 4 == 0) writer.build_index();
}

// Takes step after step until it is killed, and tells the pipe of each once it is committed.
[[noreturn]] void write_for_ever(const fs::path& folder, std::uint32_t step, int pipe) {
  try {
    const auto writer = open_exact_writer(folder);
    for (;; ++step) {
      commit_step(*writer, step);
      if (::write(pipe, &step, sizeof step) != sizeof step) ::_exit(2);
      tidy_up(*writer, step);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    ::_exit(1);
  }
}

class KilledWriterTest : public ::testing::Test {
 protected:
  // The threads of OpenMP do not go along into a forked process, which would wait for them for ever.
  KilledWriterTest() { omp_set_num_threads(1); }

  // Starts a writer with step `next_`, kills it, and takes the steps that it reported in the other gallery.
  void write_and_kill() {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) write_for_ever(killed_, next_, ends[1]);
    ::close(ends[1]);
    const auto follow_step = [&] {
      std::uint32_t step = 0;
      if (::read(ends[0], &step, sizeof step) != sizeof step) return false;
      follow();
      return true;
    };
    // Some steps are awaited, so that kills fall everywhere however fast the disk is.
    for (std::uint32_t awaited = random_() % 4; awaited > 0; --awaited) follow_step();
    std::this_thread::sleep_for(std::chrono::microseconds(random_() % 10'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself: " << status;
    while (follow_step()) {
    }
    ::close(ends[0]);
  }

  // Takes the next step in the gallery that is not killed.
  void follow() {
    commit_step(*writer_, next_);
    if (next_++ % 20 == 0) writer_->compact();  // else it would grow and grow
  }

  void expect_alike() {
    if (!fs::exists(killed_ / "manifest.json")) {
      ASSERT_EQ(next_, 1u) << "killed while creating";
      return;
    }
    const auto report = verify_gallery(killed_, true);
    ASSERT_TRUE(report.problems.empty()) << report.problems.front();
    const std::string found = answers_of(killed_);
    if (found == answers_of(whole_)) return;
    follow();  // the commit was done, the report of it was not
    ASSERT_EQ(found, answers_of(whole_));
  }

  const TemporaryFolder folder_{memory_folder()};
  const fs::path killed_ = folder_.path() / "killed";
  const fs::path whole_ = folder_.path() / "whole";
  const std::unique_ptr<GalleryWriter> writer_ = open_exact_writer(whole_);
  std::uint32_t next_ = 1;
  std::mt19937 random_{11};
};

TEST_F(KilledWriterTest, LosesNothingThatWasCommittedAndLeavesNothingElse) {
  const char* wanted = std::getenv("TANDEM_KILLS");
  const int kills = wanted == nullptr ? 100 : std::atoi(wanted);
  for (int kill = 0; kill < kills; ++kill) {
    SCOPED_TRACE(fmt::format("kill {}, step {}", kill, next_));
    ASSERT_NO_FATAL_FAILURE(write_and_kill());
    ASSERT_NO_FATAL_FAILURE(expect_alike());
  }
  EXPECT_GT(next_, static_cast<std::uint32_t>(kills) / 2) << "the kills came too early to mean anything";
  commit_step(*open_exact_writer(killed_), next_);
  follow();
  EXPECT_EQ(answers_of(killed_), answers_of(whole_)) << "and it goes on";
}

}  // namespace
}  // namespace tandem
