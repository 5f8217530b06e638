#include <gtest/gtest.h>

#include <set>
#include <string>

#include "models/family.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace tandem::models {
namespace {

TEST(Registry, EveryFamilyHasItsOwnNameAndBothFunctions) {
  std::set<std::string_view> names;
  for (const Family& family : families()) {
    EXPECT_TRUE(names.insert(family.info.name).second) << family.info.name;
    EXPECT_NE(family.tokenizer, nullptr) << family.info.name;
    EXPECT_NE(family.build, nullptr) << family.info.name;
    const Capabilities& can = family.info.capabilities;
    EXPECT_TRUE(can.embed_text || can.embed_image || can.match) << family.info.name;
  }
}

TEST(Registry, EveryFamilyIsTold) {
  ASSERT_EQ(model_families().size(), families().size());
  for (std::size_t i = 0; i < families().size(); ++i) {
    EXPECT_EQ(model_families()[i].name, families()[i].info.name);
  }
}

TEST(Registry, AFolderOfNoLayoutIsToldWhatIsWanted) {
  const TemporaryFolder folder;
  EXPECT_FALSE(is_model_folder(folder.path()));
  EXPECT_FALSE(is_model_folder(folder.path() / "nowhere"));
  expect_error(ErrorCode::kNotFound,
               {"is no model", "config.json with a model_type", "modules.json", "one .pt file",
                "open_clip_config.json", "one .pth file"},
               [&] { open_model_folder(folder.path(), FileSystem::system()); });
}

}  // namespace
}  // namespace tandem::models
