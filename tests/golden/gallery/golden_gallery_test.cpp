// Galleries as each version of the format wrote them are read by every later library, and can be written on.
#include <gtest/gtest.h>

#include "golden/gallery/answers_file.h"
#include "golden/gallery/life.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

class GoldenGalleryTest : public ::testing::TestWithParam<GoldenGallery> {
 protected:
  const fs::path root_ = version_folder(fs::path(TANDEM_TEST_DATA) / "galleries", GetParam());

  static void expect_clean(const fs::path& gallery) {
    const auto report = verify_gallery(gallery, true);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
  }
};

TEST_P(GoldenGalleryTest, IsReadInItsPlaceAndLeftAsItIs) {
  const fs::path gallery = root_ / GetParam().name;
  const auto names = FileSystem::system().list(gallery);
  EXPECT_EQ(portable_answers(root_, GetParam().name), read_answers_file(root_, GetParam().name));
  EXPECT_EQ(Gallery::open(gallery)->info().format_version, GetParam().version);
  expect_clean(gallery);
  EXPECT_EQ(FileSystem::system().list(gallery), names);
}

TEST_P(GoldenGalleryTest, CanBeWrittenOn) {
  const TemporaryFolder folder;
  const fs::path gallery = folder.path() / GetParam().name;
  fs::copy(root_ / GetParam().name, gallery);
  const std::size_t before = Gallery::open(gallery)->images().size();
  const auto writer = open_golden_gallery(gallery, GetParam());
  EXPECT_EQ(writer->remove(folder.path() / "photos" / "00001.jpg"), 1u) << "paths move with the gallery";
  add_images(*writer, folder.path() / "photos", 50, 4);
  writer->build_index();
  writer->compact();
  EXPECT_EQ(Gallery::open(gallery)->images().size(), before + 3);
  expect_clean(gallery);
}

TEST_P(GoldenGalleryTest, IsWhatThisLibraryWouldWrite) {
  const TemporaryFolder folder;
  write_golden_gallery(folder.path(), GetParam());
  EXPECT_EQ(portable_answers(folder.path(), GetParam().name), read_answers_file(root_, GetParam().name));
}

INSTANTIATE_TEST_SUITE_P(AllVersions, GoldenGalleryTest, ::testing::ValuesIn(kGoldenGalleries),
                         [](const auto& golden) {
                           std::string name = golden.param.name;
                           name.erase(name.find('-'), 1);
                           return name;
                         });

}  // namespace
}  // namespace tandem
