// --precision and --tower-precision, through the command.
#include <gmock/gmock.h>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;

class PrecisionTest : public PhotosTest {
 protected:
  std::vector<Json> search(Arguments more) {
    Arguments arguments = {"search", gallery_, "a cat", "--no-rerank"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_json(arguments);
  }
};

TEST_F(PrecisionTest, AGalleryKeepsToThatOfItsTower) {
  EXPECT_EQ(index({"--tower-precision", "int8"})["added"], 4);
  EXPECT_EQ(run_json({"info", gallery_}).at(0)["tower_precision"], "int8");
  EXPECT_EQ(index({})["unchanged"], 4) << "without the option, that of the gallery";
  EXPECT_THAT(expect_failure(2, {"index", gallery_, path("photos"), "--tower-precision", "fp32"}),
              HasSubstr("same tower precision"));
}

// Similarities of a small change of the embeddings change as little.
TEST_F(PrecisionTest, AGalleryIsSearchedWithAny) {
  index({});
  const std::vector<Json> exact = search({});
  for (const char* precision : {"bf16", "int8"}) {
    const std::vector<Json> near = search({"--precision", precision});
    ASSERT_EQ(near.size(), exact.size());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      EXPECT_NEAR(near[i]["similarity"].get<float>(), exact[i]["similarity"].get<float>(), 0.03F)
          << precision;
    }
  }
}

TEST_F(PrecisionTest, OthersAreRefused) {
  EXPECT_THAT(expect_failure(2, {"index", gallery_, path("photos"), "--precision", "fp8"}), HasSubstr("fp8"));
}

}  // namespace
}  // namespace tandem
