#include <gtest/gtest.h>

#include <set>
#include <string>

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
  EXPECT_EQ(names, (std::set<std::string>{"altclip", "blip", "blip-2", "clip", "siglip", "tandem"}));
}

}  // namespace
}  // namespace tandem::models
