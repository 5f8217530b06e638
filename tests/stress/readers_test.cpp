// Thirty-two readers beside a writer: all that one of them sees is of one commit, and of none that is older
// than what was committed before it opened. TANDEM_STRESS_SECONDS sets how long.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "gallery/gallery.h"
#include "stress/rounds.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

constexpr int kReaders = 32;
constexpr std::uint32_t kShortRounds = 12;

// What readers and writer tell each other, also across processes.
struct Shared {
  std::atomic<std::uint32_t> committed = 0;  // the last round that is committed
  std::atomic<bool> ended = false;
};

// In memory that a forked process shares.
class SharedMemory {
 public:
  SharedMemory() {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("cannot map shared memory");
    shared_ = new (memory) Shared;
  }
  ~SharedMemory() { ::munmap(shared_, sizeof(Shared)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  Shared& get() { return *shared_; }

 private:
  Shared* shared_;
};

void write_rounds(GalleryWriter& writer, Shared& shared) {
  const char* wanted = std::getenv("TANDEM_STRESS_SECONDS");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(wanted ? std::atoi(wanted) : 0);
  for (std::uint32_t round = 1; round <= kShortRounds || std::chrono::steady_clock::now() < end; ++round) {
    write_round(writer, round);
    shared.committed = round;
  }
}

class ReadersTest : public ::testing::Test {
 protected:
  // Reads until the writer has ended, and once more.
  void read(int reader) {
    try {
      for (bool last = false; !last;) {
        last = shared_.ended;
        const std::uint32_t before = shared_.committed;
        const auto gallery = Gallery::open(gallery_);
        const std::uint32_t round = read_round(*gallery);
        const std::uint32_t after = shared_.committed;
        if (round < before)
          throw std::runtime_error(fmt::format("round {} was seen after {}", round, before));
        if (round > after + 1) throw std::runtime_error(fmt::format("round {} before it was written", round));
        if (read_round(*gallery) != round) throw std::runtime_error("a gallery that is open has changed");
        ++reads_;
      }
    } catch (const std::exception& error) {
      ADD_FAILURE() << "reader " << reader << ": " << error.what();
    }
  }

  // Readers beside `write`, which ends once the rounds are written.
  template <typename Write>
  void run(Write write) {
    std::vector<std::thread> readers;
    for (int i = 0; i < kReaders; ++i) readers.emplace_back([this, i] { read(i); });
    write();
    shared_.ended = true;
    for (auto& reader : readers) reader.join();
    RecordProperty("rounds", static_cast<int>(shared_.committed));
    RecordProperty("reads", reads_);
  }

  void expect_all_rounds() {
    EXPECT_GE(shared_.committed, kShortRounds);
    EXPECT_EQ(read_round(*Gallery::open(gallery_)), shared_.committed);
    const auto report = verify_gallery(gallery_, true);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
  }

  const TemporaryFolder folder_;
  const std::filesystem::path gallery_ = folder_.path() / "g";
  SharedMemory memory_;
  Shared& shared_ = memory_.get();
  std::atomic<int> reads_ = 0;
};

TEST_F(ReadersTest, SeeOneCommittedMomentBesideAWriterInTheirProcess) {
  const auto writer = open_rounds(gallery_);
  run([&] { write_rounds(*writer, shared_); });
  EXPECT_GE(reads_, kReaders);
  expect_all_rounds();
}

TEST_F(ReadersTest, SeeOneCommittedMomentBesideAWriterInAnotherProcess) {
  open_rounds(gallery_);
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      write_rounds(*gallery::open_existing_writer(FileSystem::system(), gallery_, {4000}), shared_);
      ::_exit(0);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      ::_exit(1);
    }
  }
  run([&] {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  });
  EXPECT_GE(reads_, kReaders);
  expect_all_rounds();
}

}  // namespace
}  // namespace tandem
