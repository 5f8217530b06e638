// Region files of every form against what the reference reads from them (data/regions/expected.json).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tandem/regions.h"

namespace tandem {
namespace {

using nlohmann::json;

std::filesystem::path data() { return std::filesystem::path(TANDEM_TEST_DATA) / "regions"; }

json read_json(const char* name) {
  std::ifstream file(data() / name);
  return json::parse(file);
}

// Exact: the numbers are float32 in the files and are not computed with.
void expect_rows(const json& wanted, const Matrix& found) {
  ASSERT_EQ(found.rows(), wanted.size());
  for (std::size_t i = 0; i < found.rows(); ++i) {
    const auto row = found.row(i);
    EXPECT_EQ(std::vector<float>(row.begin(), row.end()), wanted[i].get<std::vector<float>>()) << "row " << i;
  }
}

void expect_regions(const json& wanted, const Regions& found) {
  EXPECT_EQ(found.image_width, wanted["width"].get<double>());
  EXPECT_EQ(found.image_height, wanted["height"].get<double>());
  EXPECT_EQ(found.features.rows(), wanted["regions"].get<std::size_t>());
  EXPECT_EQ(found.features.columns(), wanted["feature_dim"].get<std::size_t>());
  EXPECT_EQ(found.tags, "");
  expect_rows(wanted["boxes"], found.boxes);
  const auto first = found.features.row(0);
  EXPECT_EQ(std::vector<float>(first.begin(), first.end()),
            wanted["first_feature_row"].get<std::vector<float>>());
  for (std::size_t i = 0; i < found.features.rows(); ++i) {
    double sum = 0;
    for (const float value : found.features.row(i)) sum += value;
    // The reference adds in float32: 48 numbers of some 25 in all, half a unit of the last place each.
    EXPECT_NEAR(sum, wanted["feature_row_sums"][i].get<double>(), 5e-5) << "row " << i;
  }
}

TEST(GoldenRegionFiles, ReadAsTheReferenceReadsThem) {
  const json expected = read_json("expected.json");
  ASSERT_EQ(expected["files"].size(), 9u);
  for (const json& file : expected["files"]) {
    const auto name = file["file"].get<std::string>();
    SCOPED_TRACE(name);
    const auto found = RegionFile::open(data() / name);
    ASSERT_EQ(found->ids().size(), file["images"].size());
    for (std::size_t i = 0; i < file["images"].size(); ++i) {
      const json& image = file["images"][i];
      SCOPED_TRACE(image["id"]);
      EXPECT_EQ(found->ids()[i], image["id"].get<std::string>());
      expect_regions(image, found->read(found->ids()[i]));
    }
  }
}

TEST(GoldenRegionFiles, TagsAreThoseOfTheReference) {
  EXPECT_EQ(read_tags(data() / "tags.pt"),
            (read_json("tags.json").get<std::map<std::string, std::string>>()));
}

}  // namespace
}  // namespace tandem
