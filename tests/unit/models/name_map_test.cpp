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
  EXPECT_EQ(kMap.checkpoint_names("text.3.up.weight"), Names{"encoder.layer.3.fc1.weight"});
  EXPECT_EQ(kMap.checkpoint_names("text_norm.bias"), Names{"final.bias"});
}

TEST(NameMap, OneTensorMayBeSeveralInTheCheckpoint) {
  EXPECT_EQ(kMap.checkpoint_names("text.0.qkv.bias"),
            (Names{"encoder.layer.0.q.bias", "encoder.layer.0.k.bias", "encoder.layer.0.v.bias"}));
}

TEST(NameMap, ANameThatNoSectionFitsStays) {
  EXPECT_EQ(kMap.checkpoint_names("other.text.qkv"), Names{"other.text.qkv"});
}

}  // namespace
}  // namespace tandem::models
