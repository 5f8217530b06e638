#include "models/name_map.h"

#include <gtest/gtest.h>

namespace tandem::models {
namespace {

using Names = std::vector<std::string>;

const NameMap kMap = {
    {"text_norm.", "final."},
    {"text.", "encoder.layer.", {{"qkv", {"q", "k", "v"}}, {".up.", {".fc1."}}}},
};

TEST(NameMap, ReplacesTheBeginningAndRenamesWithinIt) {
  EXPECT_EQ(kMap.checkpoint_names("text.3.up.weight").parts, Names{"encoder.layer.3.fc1.weight"});
  EXPECT_EQ(kMap.checkpoint_names("text_norm.bias").parts, Names{"final.bias"});
}

TEST(NameMap, OneTensorMayBeSeveralInTheCheckpoint) {
  EXPECT_EQ(kMap.checkpoint_names("text.0.qkv.bias").parts,
            (Names{"encoder.layer.0.q.bias", "encoder.layer.0.k.bias", "encoder.layer.0.v.bias"}));
}

TEST(NameMap, ANameThatNoSectionFitsStays) {
  EXPECT_EQ(kMap.checkpoint_names("other.text.qkv").parts, Names{"other.text.qkv"});
}

TEST(NameMap, ASumHasTheSectionsOfBoth) {
  const NameMap sum = kMap + NameMap{{"image.", "visual."}, {"text.", "never."}};
  EXPECT_EQ(sum.checkpoint_names("image.scale").parts, Names{"visual.scale"});
  EXPECT_EQ(sum.checkpoint_names("text.3.scale").parts, Names{"encoder.layer.3.scale"});
}

TEST(NameMap, AlternativesAreLayoutsOfTheirOwn) {
  const NameMap both = kMap | NameMap{{"text.", "blocks.", {}, /*transposed=*/true}};
  ASSERT_EQ(both.layouts(), 2u);
  EXPECT_EQ(both.checkpoint_names("text.3.up", 0).parts, Names{"encoder.layer.3.up"});
  EXPECT_EQ(both.checkpoint_names("text.3.up", 1).parts, Names{"blocks.3.up"});
  EXPECT_FALSE(both.checkpoint_names("text.3.up", 0).transposed);
  EXPECT_TRUE(both.checkpoint_names("text.3.up", 1).transposed);
}

}  // namespace
}  // namespace tandem::models
