// What an evaluation refuses before it computes.
#include "support/expect_error.h"
#include "unit/evaluation/evaluate_fixture.h"

namespace tandem {
namespace {

TEST_F(EvaluateTest, CeRefusesMorePairsThanAllowed) {
  fill();
  EvaluationOptions wanted = options({kCe});
  wanted.max_pairs = kImages * kImages * 3 - 1;
  expect_error(ErrorCode::kInvalidArgument, {"432", "431"}, [&] { run(wanted); });
  EXPECT_EQ(model_->counts(FakeCall::kEmbedTexts).calls, 0u) << "before anything is computed";
  ++wanted.max_pairs;
  EXPECT_NO_THROW(run(wanted));
}

TEST_F(EvaluateTest, RefusesWhatCannotBe) {
  fill();
  const auto refused = [&](const char* word, auto change) {
    EvaluationOptions wanted = options({kEmb});
    change(wanted);
    expect_error(ErrorCode::kInvalidArgument, word, [&] { run(wanted); });
  };
  refused("no method", [](auto& o) { o.methods.clear(); });
  refused("recall at 0", [](auto& o) { o.cutoffs = {1, 0}; });
  refused("shortlist of 0", [](auto& o) { o.shortlists = {0}; });
  refused("lambda (1.5)", [](auto& o) { o.lambdas = {1.5}; });
  refused("no lambda", [](auto& o) { o.lambdas.clear(); });
  refused("batch_size", [](auto& o) { o.batch_size = 0; });
  refused("confidence", [](auto& o) { o.bootstrap.confidence = 0; });
  refused("folds of 13", [](auto& o) { o.fold = 13; });
  refused("\"fr\"", [](auto& o) { o.languages = {"fr"}; });
  expect_error(ErrorCode::kInvalidArgument, "no model",
               [&] { evaluate_retrieval(*gallery_, {}, dataset_, options({kEmb})); });
  const auto other = make_fake_model({.weights_fingerprint = "another"});
  expect_error(ErrorCode::kInvalidArgument, "their weights differ",
               [&] { evaluate_retrieval(*gallery_, other, dataset_, options({kEmb})); });
  dataset_.images.assign(kImages, {"x", "/elsewhere.png", ""});
  expect_error(ErrorCode::kNotFound, "none of the 12 pictures", [&] { run(options({kEmb})); });
}

TEST_F(EvaluateTest, AModelThatCannotMatchEvaluatesEmbAlone) {
  set_model({.capabilities = {.embed_text = true, .embed_image = true, .match = false}});
  fill();
  EXPECT_NO_THROW(run(options({kEmb})));
  expect_error(ErrorCode::kUnsupported, "match", [&] { run(options({kCoop})); });
}

}  // namespace
}  // namespace tandem
