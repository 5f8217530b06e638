// The power goes after every single change that a repair makes: nothing that was good is lost, and the next
// repair comes to its end.
#include "support/medium.h"
#include "unit/gallery/repair_test_base.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

class RepairPowerLossTest : public RepairTest, public ::testing::WithParamInterface<Survival> {
 protected:
  RepairPowerLossTest() : RepairTest(12) {}

  // The gallery as it is, synced.
  Medium medium_with_gallery() {
    Medium medium(folder_.path());
    medium.apply({FileAction::kCreateFolder, gallery_});
    medium.apply({FileAction::kSyncFolder, folder_.path()});
    for (const auto& [path, bytes] : read_files()) {
      medium.apply({FileAction::kOpen, path});
      medium.apply({FileAction::kWrite, path, {}, 0, bytes});
      medium.apply({FileAction::kSync, path});
    }
    medium.apply({FileAction::kSyncFolder, gallery_});
    return medium;
  }

  // What is found after a loss of power takes the place of the gallery's files.
  void put_found(const FoundFiles& found) {
    Files contents;
    for (const auto& [name, bytes] : found) {
      const fs::path path = folder_.path() / name;
      if (path.parent_path() == gallery_ && path.filename() != "lock") contents[path] = bytes;
    }
    put_files(contents);
  }
};

std::uint64_t digest_without_lock(FoundFiles found) {
  std::erase_if(found, [](const auto& file) { return file.first.filename() == "lock"; });
  return digest_of(found);
}

TEST_P(RepairPowerLossTest, LosesNothingThatWasGood) {
  // What survives by chance is drawn several times; sanitizers, which look at memory, see enough in one.
  const std::uint32_t draws = GetParam() == Survival::kSome && !TANDEM_SANITIZED ? 3 : 1;
  damage_files();
  Medium medium = medium_with_gallery();
  RecordingFileSystem recorder;
  repair(recorder);
  expect_well();
  std::set<std::uint64_t> checked;
  std::uint32_t count = 0;
  for (const FileEvent& event : recorder.events()) {
    medium.apply(event);
    ++count;
    for (std::uint32_t draw = 0; draw < draws; ++draw) {
      SCOPED_TRACE(fmt::format("after change {} of {}, draw {}", count, recorder.events().size(), draw));
      const FoundFiles found = medium.lose_power(GetParam(), count * draws + draw);
      if (!checked.insert(digest_without_lock(found)).second) continue;
      put_found(found);
      repair();
      expect_well();
      if (HasFailure()) FAIL();
    }
  }
  EXPECT_GT(checked.size(), 10u);
}

INSTANTIATE_TEST_SUITE_P(Surviving, RepairPowerLossTest,
                         ::testing::Values(Survival::kNothing, Survival::kEverything, Survival::kSome),
                         [](const auto& test) { return name_of(test.param); });

}  // namespace
}  // namespace tandem
