#include "indexing/find_pictures.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "tandem/error.h"
#include "tandem/indexing.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

class FindPicturesTest : public ::testing::Test {
 protected:
  void touch(const fs::path& name) {
    fs::create_directories((root_ / name).parent_path());
    write_file(root_ / name, "x");
  }
  // What is found below the folder, relative to it.
  std::vector<std::string> found_in(std::vector<fs::path> paths) {
    std::vector<std::string> names;
    for (const fs::path& path : find_pictures(paths)) {
      EXPECT_TRUE(path.is_absolute()) << path;
      names.push_back(path.lexically_relative(root_).string());
    }
    return names;
  }
  using Names = std::vector<std::string>;

  TemporaryFolder folder_;
  fs::path root_ = folder_.path();
};

TEST_F(FindPicturesTest, NothingGivesNothing) {
  EXPECT_EQ(found_in({}), Names{});
  EXPECT_EQ(found_in({root_}), Names{});
}

TEST_F(FindPicturesTest, TakesPicturesOfAnyCaseInAllFoldersSorted) {
  for (const char* name : {"z.jpg", "b/a.PNG", "b/c/d.WebP", "a.JPEG", "notes.txt", "jpg", "b/x.jpg.part"}) {
    touch(name);
  }
  EXPECT_EQ(found_in({root_}), (Names{"a.JPEG", "b/a.PNG", "b/c/d.WebP", "z.jpg"}));
}

TEST_F(FindPicturesTest, EachIsFoundOnceHoweverOftenItIsNamed) {
  touch("a/b.jpg");
  EXPECT_EQ(found_in({root_, root_ / "a", root_ / "a" / "b.jpg", root_ / "a/../a/./b.jpg", root_ / "a/"}),
            Names{"a/b.jpg"});
}

TEST_F(FindPicturesTest, AFileThatIsNamedIsTakenWhateverItIsCalled) {
  touch("scan");
  touch(".hidden.jpg");
  EXPECT_EQ(found_in({root_ / "scan", root_ / ".hidden.jpg"}), (Names{".hidden.jpg", "scan"}));
}

TEST_F(FindPicturesTest, HiddenNamesBelowAFolderArePassedOver) {
  touch("a.jpg");
  touch("._a.jpg");
  touch(".thumbnails/a.jpg");
  EXPECT_EQ(found_in({root_}), Names{"a.jpg"});
  EXPECT_EQ(found_in({root_ / ".thumbnails"}), Names{".thumbnails/a.jpg"});
}

TEST_F(FindPicturesTest, ALoopOfLinksEnds) {
  touch("a/b/c.jpg");
  fs::create_directory_symlink(root_, root_ / "a/b/up");
  fs::create_directory_symlink(root_ / "a/b/self", root_ / "a/b/self");
  EXPECT_EQ(found_in({root_}), Names{"a/b/c.jpg"});
}

TEST_F(FindPicturesTest, AFolderKeepsItsOwnNameThoughALinkComesFirst) {
  touch("z/c.jpg");
  fs::create_directory_symlink(root_ / "z", root_ / "a");
  EXPECT_EQ(found_in({root_}), Names{"z/c.jpg"});
}

TEST_F(FindPicturesTest, LinksToFoldersElsewhereAreFollowed) {
  TemporaryFolder elsewhere;
  write_file(elsewhere.path() / "c.jpg", "x");
  fs::create_directory_symlink(elsewhere.path(), root_ / "link");
  EXPECT_EQ(found_in({root_}), Names{"link/c.jpg"});
}

TEST_F(FindPicturesTest, WhatIsNoRegularFileIsLeftForIndexingToReport) {
  ASSERT_EQ(::mkfifo((root_ / "pipe.jpg").c_str(), 0600), 0);
  fs::create_symlink(root_ / "missing", root_ / "dangling.jpg");
  fs::create_directories(root_ / "folder.jpg");
  touch("folder.jpg/inside.jpg");
  EXPECT_EQ(found_in({root_}), (Names{"dangling.jpg", "folder.jpg/inside.jpg", "pipe.jpg"}));
}

TEST_F(FindPicturesTest, NamesWithNewlinesAndBadBytesAreKept) {
  touch("a\nb.jpg");
  touch("bad\xFF.jpg");
  EXPECT_EQ(found_in({root_}), (Names{"a\nb.jpg", "bad\xFF.jpg"}));
}

// A quadratic step would take minutes and run into the test's time limit.
TEST_F(FindPicturesTest, AHundredThousandFilesInOneFolderAreFound) {
  for (int i = 0; i < 100'000; ++i) write_file(root_ / (std::to_string(i) + ".jpg"), "");
  EXPECT_EQ(find_pictures(std::vector<fs::path>{root_}).size(), 100'000u);
}

TEST_F(FindPicturesTest, AMissingPathIsNotFoundAndNamed) {
  try {
    find_pictures(std::vector<fs::path>{root_, root_ / "nowhere"});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("nowhere"), std::string::npos);
  }
}

TEST(AbsolutePath, DropsDotsAndTheLastSlash) {
  EXPECT_EQ(absolute_path("/a/./b/../c/"), "/a/c");
  EXPECT_EQ(absolute_path("/"), "/");
  EXPECT_EQ(absolute_path("a"), fs::current_path() / "a");
}

}  // namespace
}  // namespace tandem
