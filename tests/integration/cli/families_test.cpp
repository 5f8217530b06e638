// The table of model families: printed, and in models/README.md.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

using FamiliesTest = CliTest;

TEST_F(FamiliesTest, TheTableOfTheModelsPageIsThePrintedOne) {
  const Outcome printed = run_tandem({"info", "--families"});
  ASSERT_EQ(printed.status, 0) << printed.err;
  std::ifstream file(std::filesystem::path(TANDEM_SOURCE_DIR) / "models/README.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(page.find("\n\n" + printed.out + "\n"), std::string::npos)
      << "models/README.md should have this table:\n"
      << printed.out;
}

TEST_F(FamiliesTest, JsonHasOneObjectForEach) {
  const auto lines = run_json({"info", "--families"});
  EXPECT_EQ(lines.front(), Json({{"family", "tandem"},
                                 {"embed_text", true},
                                 {"embed_image", true},
                                 {"match", true},
                                 {"reads", "photos"}}));
  EXPECT_EQ(lines.back()["family"], "m3p");
  EXPECT_EQ(lines.back()["reads"], "regions");
}

TEST_F(FamiliesTest, TheyAreListedInPlaceOfAFolder) {
  expect_failure(2, {"info", "--families", path("g")});
  expect_failure(2, {"info", "--families", "--skipped"});
  EXPECT_THAT(expect_failure(2, {"info"}), ::testing::HasSubstr("--families"));
}

// Folders of other layouts than Hugging Face's are models to the commands.
TEST_F(FamiliesTest, AModelWithoutConfigJsonIsToldAbout) {
  const std::string data = TANDEM_TEST_DATA;
  for (const auto& [folder, family] :
       {std::pair(data + "/clip-openai/model", "clip"), std::pair(data + "/blip-salesforce/model", "blip"),
        std::pair(data + "/paper/oscar_join/model", "oscar")}) {
    const auto info = run_json({"info", folder});
    EXPECT_EQ(info.at(0)["model"], family);
    EXPECT_EQ(run_json({"tokenize", "--model", folder, "--text", "a dog"}).size(), 1u);
  }
}

}  // namespace
}  // namespace tandem
