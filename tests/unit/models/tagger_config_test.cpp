// What is refused of image.tagger in config.json of the default family.
#include <gtest/gtest.h>

#include <initializer_list>

#include "altered_model.h"
#include "support/expect_error.h"
#include "tandem/model.h"

namespace tandem {
namespace {

// A change of the tagger's configuration is refused with these words.
template <typename Edit>
void expect_refused(ErrorCode code, std::initializer_list<const char*> words, Edit edit) {
  const AlteredModel model("tandem-tags");
  model.edit("config.json", [&](auto& config) { edit(config["image"]["tagger"]); });
  expect_error(code, words, [&] { Model::load(model.path()); });
}

TEST(TaggerConfig, RefusesAnotherKind) {
  expect_refused(ErrorCode::kUnsupported, {"image.tagger.kind", "resnet", "efficientnet-lite"},
                 [](auto& tagger) { tagger["kind"] = "resnet"; });
}

TEST(TaggerConfig, RefusesStagesThatAreNone) {
  for (const char* stages : {"[]", "[[1, 3, 1, 1]]", "[[1, 99, 1, 1, 8]]", "[[0, 3, 1, 1, 8]]", "7"}) {
    expect_refused(ErrorCode::kBadFormat, {"image.tagger.stages"},
                   [&](auto& tagger) { tagger["stages"] = nlohmann::json::parse(stages); });
  }
}

TEST(TaggerConfig, RefusesLabelsThatAreNoWords) {
  for (const char* labels : {"[]", "[[5], []]", "[[5], [240]]", "[\"cat\"]"}) {
    expect_refused(ErrorCode::kBadFormat, {"image.tagger.labels"}, [&](auto& tagger) {
      tagger["labels"] = nlohmann::json::parse(labels);
      tagger["count"] = 1;
    });
  }
}

TEST(TaggerConfig, RefusesMoreTagsThanClasses) {
  for (const int count : {0, 13}) {
    expect_refused(ErrorCode::kBadFormat, {"image.tagger.count", "from 1 to 12"},
                   [&](auto& tagger) { tagger["count"] = count; });
  }
}

TEST(TaggerConfig, RefusesColoursThatCannotBeNormalised) {
  expect_refused(ErrorCode::kBadFormat, {"image.tagger.mean", "three"},
                 [](auto& tagger) { tagger["mean"] = {0.5}; });
  expect_refused(ErrorCode::kBadFormat, {"image.tagger.std", "other than 0"}, [](auto& tagger) {
    tagger["std"] = {1, 0, 1};
  });
}

TEST(TaggerConfig, ItsWeightsAreLoadedStrictly) {
  expect_refused(ErrorCode::kBadFormat, {"tagger.layers.4.depthwise.weight", "missing"}, [](auto& tagger) {
    tagger["stages"].push_back({1, 3, 1, 1, 24});
  });
}

}  // namespace
}  // namespace tandem
