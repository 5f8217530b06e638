#include "training/tower_rows.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace tandem::training {
namespace {

constexpr TowerShape kShape = {.rows = 2, .width = 3, .max_text = 4};
const TowerRow kRow = {.readable = true, .features = {1, 2, 3, 4, 5, 6}, .text = {7, 8}};

class TowerRowsTest : public ::testing::Test {
 protected:
  TowerRows open(const std::string& fingerprint = std::string(32, 'a')) {
    return {path_, kShape, fingerprint, FileSystem::system()};
  }
  void write_two() {
    TowerRows rows = open();
    rows.append(kRow);
    rows.append({});
    rows.finish();
  }

  TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "tower.rows";
};

TEST_F(TowerRowsTest, KeepsWhatWasAppended) {
  write_two();
  const TowerRows rows = open();
  ASSERT_EQ(rows.count(), 2u);
  EXPECT_EQ(rows.read(0).features, kRow.features);
  EXPECT_EQ(rows.read(0).text, kRow.text);
  EXPECT_TRUE(rows.read(0).readable);
  EXPECT_FALSE(rows.read(1).readable) << "a picture that could not be read";
}

TEST_F(TowerRowsTest, GoesOnBehindTheLastWholeRow) {
  write_two();
  const auto size = std::filesystem::file_size(path_);
  for (std::uintmax_t cut = size - 1; cut > 64; --cut) {
    std::filesystem::resize_file(path_, cut);
    ASSERT_LT(open().count(), 2u);
  }
  TowerRows rows = open();
  rows.append(kRow);
  rows.finish();
  EXPECT_EQ(rows.count(), 1u);
  EXPECT_EQ(rows.read(0).features, kRow.features);
}

TEST_F(TowerRowsTest, BeginsAnewForAnotherModel) {
  write_two();
  EXPECT_EQ(open(std::string(32, 'b')).count(), 0u);
}

TEST_F(TowerRowsTest, FindsAFlippedByte) {
  write_two();
  std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(70).put('x');
  const TowerRows rows = open();
  expect_error(ErrorCode::kBadFormat, "row 0 is damaged; remove the file", [&] { rows.read(0); });
}

}  // namespace
}  // namespace tandem::training
