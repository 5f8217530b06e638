// A system that gives too little: memory, disk, permissions, open streams.
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integration/cli/bad_input_test.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr rlim_t kMegabyte = 1 << 20;

std::function<void()> limit(int resource, rlim_t value) {
  return [=] {
    const rlimit bound{value, value};
    ::setrlimit(static_cast<__rlimit_resource>(resource), &bound);
  };
}

// Root may read and write whatever the permissions say. Without these capabilities it is an owner like
// others.
void as_an_ordinary_owner() {
  if (::geteuid() != 0) return;
  for (const int power : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH}) {
    if (::prctl(PR_CAPBSET_DROP, power, 0, 0, 0) != 0) ::_exit(126);
  }
}

class BadSystemTest : public BadInputTest {
 protected:
  Arguments index_command(const std::string& gallery, const std::string& pictures) {
    return {"index", gallery, pictures, "--model", kTinyModel};
  }
  // Makes `count` pictures that differ.
  void make_pictures(const std::string& folder, std::size_t count) {
    fs::create_directories(path(folder));
    for (std::size_t i = 0; i < count; ++i) {
      write_png(path(folder + "/" + std::to_string(i) + ".png"),
                {i + 1, 3, std::vector<std::uint8_t>((i + 1) * 3 * 3, static_cast<std::uint8_t>(i))});
    }
  }
};

// As a package that was copied in parts.
TEST_F(BadSystemTest, WithoutOpenCvOnlyPicturesThatNeedItFail) {
  const fs::path program = TANDEM_CLI, library = program.parent_path().parent_path() / "lib/libtandem.so.0";
  fs::create_directories(path("part/bin"));
  fs::create_directories(path("part/lib"));
  fs::copy_file(program, path("part/bin/tandem"));
  fs::copy_file(library, path("part/lib/libtandem.so.0"));
  const auto embed = [&](const char* option, const std::string& what) {
    return Program({path("part/bin/tandem"), "embed", "--model", kTinyModel, option, what}).wait();
  };
  EXPECT_EQ(embed("--text", "two boats").status, 0);
  const Outcome outcome = embed("--image", path("good/a.png"));
  EXPECT_EQ(outcome.status, 7);
  EXPECT_THAT(outcome.err, HasSubstr("PNG and WebP pictures cannot be decoded"));
  EXPECT_THAT(outcome.err, HasSubstr("install Tandem once more"));
}

// A file that may not grow is what a full disk or a quota looks like to a process.
TEST_F(BadSystemTest, AFullDiskEndsTheRunAndTheNextOneGoesOn) {
  make_pictures("many", 200);
  const std::string gallery = path("other");
  run_json({"index", gallery, path("good"), "--model", kTinyModel});
  const std::string said =
      expect_failure(7, index_command(gallery, path("many")), limit(RLIMIT_FSIZE, 24 * 1024));
  EXPECT_THAT(said, HasSubstr(gallery));
  const std::size_t kept = run_json({"info", gallery}).at(0)["images"];
  EXPECT_GE(kept, 2u);
  expect_whole(gallery, kept);
  EXPECT_EQ(index(gallery, path("many"))["images"], 202);
  expect_whole(gallery, 202);
}

TEST_F(BadSystemTest, APictureThatMemoryDoesNotSufficeForIsSkipped) {
  make_pictures("mixed", 3);
  // 196 megapixels: 588 MB as RGB.
  const std::string small = golden_picture("images-kinds/baseline_444.jpg");
  write_file(path("mixed/large.jpg"), jpeg_of_size(small, "\x36\xB0\x36\xB0"));
  const std::string gallery = path("other");
  // What the program itself needs is found by trying: libraries differ in size.
  for (rlim_t megabytes = 800; megabytes <= 1300; megabytes += 100) {
    Arguments command = index_command(gallery, path("mixed"));
    command.insert(command.end(), {"--threads", "1"});
    const Outcome outcome = run_tandem(command, {}, limit(RLIMIT_AS, megabytes * kMegabyte));
    EXPECT_EQ(outcome.signal, 0) << megabytes << " MB: " << outcome.err;
    if (outcome.status != 0) continue;
    const Json info = run_json({"info", gallery, "--skipped"}).at(0);
    EXPECT_EQ(info["images"], 3);
    EXPECT_EQ(info["skipped_files"].at(0)["code"], "Backend");
    EXPECT_THAT(info["skipped_files"].at(0)["reason"].get<std::string>(),
                HasSubstr("large.jpg: out of memory"));
    return;
  }
  ADD_FAILURE() << "no run came as far as the pictures";
}

TEST_F(BadSystemTest, WhatMayNotBeReadIsSkippedInAFolderAndAnErrorByItself) {
  make_pictures("mixed", 3);
  ASSERT_EQ(::chmod(path("mixed/1.png").c_str(), 0), 0);
  fs::create_directories(path("mixed/closed"));
  fs::copy_file(path("mixed/0.png"), path("mixed/closed/a.png"));
  ASSERT_EQ(::chmod(path("mixed/closed").c_str(), 0), 0);
  const std::string gallery = path("other");
  const Outcome outcome = run_tandem(index_command(gallery, path("mixed")), {}, as_an_ordinary_owner);
  ASSERT_EQ(::chmod(path("mixed/closed").c_str(), 0755), 0);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("closed: cannot list: Permission denied"));
  const Json info = run_json({"info", gallery, "--skipped"}).at(0);
  EXPECT_EQ(info["images"], 2);
  EXPECT_THAT(info["skipped_files"].at(0)["reason"].get<std::string>(),
              HasSubstr("1.png: cannot open: Permission denied"));
  expect_failures(
      {{"picture", 7, {"search", gallery_, "--image", path("mixed/1.png")}, "check its permissions"}},
      as_an_ordinary_owner);
}

TEST_F(BadSystemTest, AReadOnlyFolderGetsNoGalleryAndCanBeSearched) {
  const auto read_only = [&](bool on) {
    for (const std::string& folder : {path("closed"), gallery_}) {
      for (const auto& entry : fs::directory_iterator(folder))
        ::chmod(entry.path().c_str(), on ? 0444 : 0644);
      ASSERT_EQ(::chmod(folder.c_str(), on ? 0555 : 0755), 0);
    }
  };
  fs::create_directories(path("closed"));
  read_only(true);
  expect_failures({{"new", 7, index_command(path("closed/gallery"), path("good")), "Permission denied"},
                   {"there", 7, index_command(gallery_, path("good")), "Permission denied"}},
                  as_an_ordinary_owner);
  EXPECT_EQ(run_tandem({"search", gallery_, "x"}, {}, as_an_ordinary_owner).status, 0);
  EXPECT_EQ(run_tandem({"verify", gallery_, "--deep"}, {}, as_an_ordinary_owner).status, 0);
  read_only(false);
}

// The next file that is opened gets the number of a stream that is closed.
TEST_F(BadSystemTest, ClosedStandardStreamsDoNotWriteIntoTheGallery) {
  write_file(path("good/bad.jpg"), "no picture");
  const std::string gallery = path("other");
  const Outcome outcome = run_tandem(index_command(gallery, path("good")), {}, [] {
    for (const int stream : {0, 1, 2}) ::close(stream);
  });
  EXPECT_EQ(outcome.status, 7) << "the summary could not be printed";
  EXPECT_EQ(run_json({"info", gallery}).at(0)["images"], 2);
  expect_whole(gallery, 2);
}

TEST_F(BadSystemTest, AnEnvironmentWithoutAnythingIsEnough) {
  const Outcome outcome = run_tandem({"search", gallery_, "déjà vu"}, {}, [] { ::clearenv(); });
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(BadSystemTest, TenThousandBadFilesInOneFolderAreSkippedInOneRun) {
  fs::create_directories(path("many"));
  for (int i = 0; i < 10'000; ++i) write_file(path("many/" + std::to_string(i) + ".jpg"), "");
  EXPECT_EQ(index(path("other"), path("many"))["skipped"], 10'000);
}

}  // namespace
}  // namespace tandem
