#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "models/family.h"

namespace tandem::models {
namespace {

TEST(Registry, EveryFamilyHasItsOwnNameAndBothFunctions) {
  std::set<std::string> names;
  for (const Family& family : families()) {
    EXPECT_TRUE(names.insert(family.name).second) << family.name;
    EXPECT_NE(family.tokenizer, nullptr) << family.name;
    EXPECT_NE(family.build, nullptr) << family.name;
    const Capabilities& can = family.capabilities;
    EXPECT_TRUE(can.embed_text || can.embed_image || can.match) << family.name;
  }
}

// models/README.md: "| `blip` | yes | yes | yes, with a remark | [card](blip/README.md) |".
TEST(Registry, TheTableOfModelsSaysWhatEachFamilyCanDo) {
  std::ifstream file(std::filesystem::path(TANDEM_SOURCE_DIR) / "models/README.md");
  std::vector<std::string> found;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line.substr(1));
    std::string row;
    for (int i = 0; i < 4; ++i) {
      std::string cell;
      std::getline(cells, cell, '|');
      row += cell.substr(1, cell.find_first_of(", ", 1) - 1) + " ";
    }
    found.push_back(row);
  }
  std::vector<std::string> wanted;
  for (const Family& family : families()) {
    const auto word = [](bool can) { return can ? "yes " : "no "; };
    const Capabilities& can = family.capabilities;
    wanted.push_back("`" + std::string(family.name) + "` " + word(can.embed_text) + word(can.embed_image) +
                     word(can.match));
  }
  EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(wanted));
}

}  // namespace
}  // namespace tandem::models
