// Evaluations of a made-up model, end to end.
#include <gmock/gmock.h>

#include "support/expect_error.h"
#include "tandem/calibration.h"
#include "tandem/encoders.h"
#include "unit/evaluation/evaluate_fixture.h"

namespace tandem {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(EvaluateTest, EveryMethodLanguageAndDirectionHasAResult) {
  fill();
  const EvaluationReport report = run(options({kEmb, kCe, kCoop}));
  EXPECT_THAT(report.results, SizeIs(3 * 3 * 2));
  EXPECT_EQ(report.images, kImages);
  EXPECT_EQ(report.missing_images, 0u);
  EXPECT_EQ(report.pairs, kImages * kImages * 3) << "each pair once, whatever reads it";
  EXPECT_EQ(find(report, kEmb, "en", kToImage).metrics.queries, 2 * kImages);
  EXPECT_EQ(find(report, kEmb, "all", kToImage).metrics.queries, 3 * kImages);
  EXPECT_EQ(find(report, kEmb, "de", kToText).metrics.queries, kImages);
  const RankingMetrics& metrics = find(report, kEmb, "en", kToImage).metrics;
  EXPECT_GT(metrics.mrr, 0.3);
  EXPECT_LT(metrics.mrr, 1) << "nothing to tell methods apart by";
  const MetricIntervals& intervals = *find(report, kEmb, "en", kToImage).intervals;
  EXPECT_LE(intervals.mrr.low, metrics.mrr);
  EXPECT_GE(intervals.mrr.high, metrics.mrr);
  EXPECT_TRUE(report.shortlist_latency);
  EXPECT_THAT(report.rerank_latency, SizeIs(1));
}

TEST_F(EvaluateTest, EmbAndCeAreOneWhereTheMatchIsTheCosine) {
  set_model({.dimension = 4});
  fill();
  const EvaluationReport report = run(options({kEmb, kCe, kCoop}));
  for (const char* language : {"en", "de", "all"}) {
    for (const auto direction : {kToImage, kToText}) {
      expect_same(find(report, kEmb, language, direction), find(report, kCe, language, direction));
      expect_same(find(report, kEmb, language, direction), find(report, kCoop, language, direction));
    }
  }
}

TEST_F(EvaluateTest, AMatchThatRanksBackwardsDoesHarmAndCosineSavesIt) {
  set_model({.dimension = 4, .match_scale = -8});
  fill();
  EvaluationOptions sweep = options({kEmb, kCoop});
  sweep.lambdas = {0, 1};
  const EvaluationReport report = run(sweep);
  EXPECT_LT(find(report, kCoop, "en", kToImage, 4, 1).metrics.mrr,
            find(report, kEmb, "en", kToImage).metrics.mrr);
  expect_same(find(report, kCoop, "en", kToImage, 4, 0), find(report, kEmb, "en", kToImage));
}

TEST_F(EvaluateTest, AGainIsTheDifferenceToEmbWhetherThatIsAskedForOrNot) {
  set_model({.dimension = 4, .match_scale = -8});
  fill();
  for (const std::size_t fold : {0, 5}) {
    EvaluationOptions wanted = options({kEmb, kCe, kCoop});
    wanted.fold = fold;
    const EvaluationReport report = run(wanted);
    wanted.methods = {kCoop};
    const EvaluationReport alone = run(wanted);
    for (const auto direction : {kToImage, kToText}) {
      const EvaluationResult& emb = find(report, kEmb, "en", direction);
      EXPECT_FALSE(emb.gain);
      for (const EvaluationResult* result :
           {&find(report, kCe, "en", direction), &find(report, kCoop, "en", direction),
            &find(alone, kCoop, "en", direction)}) {
        const RankingGain& gain = result->gain.value();
        for (const std::size_t k : wanted.cutoffs) {
          EXPECT_EQ(gain.recall.at(k), result->metrics.recall.at(k) - emb.metrics.recall.at(k));
        }
        EXPECT_EQ(gain.mrr, result->metrics.mrr - emb.metrics.mrr);
        EXPECT_EQ(gain.ndcg_at_10, result->metrics.ndcg_at_10 - emb.metrics.ndcg_at_10);
        EXPECT_NE(gain.mrr, 0) << "nothing to tell methods apart by";
        EXPECT_LE(gain.intervals.mrr.low, gain.mrr);
        EXPECT_GE(gain.intervals.mrr.high, gain.mrr);
      }
    }
  }
}

TEST_F(EvaluateTest, CosineAloneGainsNothingAndWithoutSamplesNoGainIsTold) {
  fill();
  EvaluationOptions cosine = options({kCoop});
  cosine.lambdas = {0};
  const EvaluationReport report = run(cosine);
  const RankingGain& gain = find(report, kCoop, "en", kToImage).gain.value();
  EXPECT_EQ(gain.mrr, 0);
  EXPECT_EQ(gain.intervals.mrr.low, 0);
  EXPECT_EQ(gain.intervals.mrr.high, 0);
  cosine.bootstrap.samples = 0;
  EXPECT_FALSE(find(run(cosine), kCoop, "en", kToImage).gain);
}

TEST_F(EvaluateTest, ASweepGivesWhatSeparateRunsGiveAndMatchesEachPairOnce) {
  fill();
  EvaluationOptions sweep = options({kCoop});
  sweep.shortlists = {2, 5, 7, 100};
  sweep.lambdas = {0.3, 1};
  const EvaluationReport swept = run(sweep);
  EXPECT_EQ(swept.pairs, kImages * kImages * 3);
  for (const std::size_t shortlist : sweep.shortlists) {
    for (const double lambda : sweep.lambdas) {
      EvaluationOptions alone = options({kCoop});
      alone.shortlists = {shortlist};
      alone.lambdas = {lambda};
      const EvaluationReport report = run(alone);
      for (const auto direction : {kToImage, kToText}) {
        for (const char* language : {"en", "all"}) {
          expect_same(find(swept, kCoop, language, direction, shortlist, lambda),
                      find(report, kCoop, language, direction));
        }
      }
    }
  }
}

TEST_F(EvaluateTest, AShortlistOfEverythingIsTheCrossEncoder) {
  fill();
  EvaluationOptions all = options({kCe, kCoop});
  all.shortlists = {1000};
  const EvaluationReport report = run(all);
  for (const auto direction : {kToImage, kToText}) {
    expect_same(find(report, kCe, "en", direction), find(report, kCoop, "en", direction));
  }
}

TEST_F(EvaluateTest, OnlyWhatADirectionNeedsIsMatched) {
  fill();
  EvaluationOptions few = options({kCoop});
  few.shortlists = {1};
  few.languages = {"de"};
  few.latency_queries = 0;
  std::uint64_t last = 0;
  few.on_progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GT(done, last);
    EXPECT_LE(done, total);
    last = done;
  };
  const std::size_t before = model_->counts(FakeCall::kMatch).inputs;
  const EvaluationReport report = run(few);
  EXPECT_EQ(model_->counts(FakeCall::kMatch).inputs - before, report.pairs);
  EXPECT_EQ(last, report.pairs);
  EXPECT_GE(report.pairs, kImages);
  EXPECT_LT(report.pairs, 2 * kImages + 1);
  EXPECT_FALSE(report.shortlist_latency);
}

TEST_F(EvaluateTest, QueriesOfAPictureThatIsNotThereFail) {
  left_out_ = 3;
  fill();
  const EvaluationReport report = run(options({kEmb, kCe}));
  EXPECT_EQ(report.missing_images, 1u);
  for (const auto method : {kEmb, kCe}) {
    const EvaluationResult& by_text = find(report, method, "en", kToImage);
    EXPECT_EQ(by_text.metrics.queries, 2 * kImages);
    EXPECT_EQ(by_text.metrics.unanswered, 2u);
    ASSERT_FALSE(by_text.failures.empty());
    EXPECT_EQ(dataset_.captions[by_text.failures[0].query].image, 3u) << "the worst there are";
    EXPECT_EQ(by_text.failures[0].rank, kImages) << "behind the last of eleven";
    const EvaluationResult& by_picture = find(report, method, "en", kToText);
    EXPECT_EQ(by_picture.metrics.unanswered, 1u);
    EXPECT_EQ(by_picture.failures[0].query, 3u);
    EXPECT_THAT(by_picture.failures[0].first, IsEmpty());
  }
}

TEST_F(EvaluateTest, FailuresAreTheWorstOnes) {
  fill();
  EvaluationOptions two = options({kEmb});
  two.failures = 2;
  const EvaluationReport report = run(two);
  const EvaluationResult& result = find(report, kEmb, "en", kToImage);
  ASSERT_THAT(result.failures, SizeIs(2));
  EXPECT_GE(result.failures[0].rank, result.failures[1].rank);
  EXPECT_GT(result.failures[1].rank, 1u);
  EXPECT_THAT(result.failures[0].first, SizeIs(5));
  EXPECT_THAT(result.failures[0].right, SizeIs(1));
}

TEST_F(EvaluateTest, PairsThatWereMatchedAreGivenBackOnceEach) {
  fill();
  EvaluationOptions wanted = options({kCe, kCoop});
  wanted.languages = {"en", "all"};
  const EvaluationReport report = run(wanted);
  ASSERT_THAT(report.matched.logits, SizeIs(kImages * kImages * 3));
  ASSERT_THAT(report.matched.matches, SizeIs(kImages * kImages * 3));
  const CrossEncoder encoder(model_);
  std::size_t i = 0;
  for (const DatasetCaption& caption : dataset_.captions) {
    for (std::size_t image = 0; image < kImages; ++image, ++i) {
      const Matrix tokens = gallery_->tokens(gallery_->images()[image].id);
      const std::vector<MatrixView> views = {tokens};
      ASSERT_FLOAT_EQ(report.matched.logits[i], encoder.score(caption.text, views).front());
      ASSERT_EQ(report.matched.matches[i], caption.image == image ? 1 : 0);
    }
  }
  EXPECT_THAT(run(options({kEmb})).matched.logits, IsEmpty());
}

TEST_F(EvaluateTest, ReliabilityIsOfTheShortlistsOfAResult) {
  fill();
  const EvaluationReport report = run(options({kEmb, kCe, kCoop}));
  EXPECT_FALSE(find(report, kEmb, "en", kToImage).reliability);
  const auto pairs_of = [](const EvaluationResult& result) {
    std::size_t pairs = 0;
    for (const ReliabilityBin& bin : result.reliability.value().bins) pairs += bin.pairs;
    return pairs;
  };
  EXPECT_EQ(pairs_of(find(report, kCe, "de", kToImage)), kImages * kImages);
  EXPECT_EQ(pairs_of(find(report, kCoop, "en", kToImage)), 2 * kImages * 4) << "four for each caption";
  EXPECT_EQ(pairs_of(find(report, kCoop, "en", kToText)), kImages * 4) << "four for each picture";
  const EvaluationReport alone = run(options({kCoop}));
  EXPECT_EQ(find(alone, kCoop, "en", kToImage).reliability->error,
            find(report, kCoop, "en", kToImage).reliability->error);
}

TEST_F(EvaluateTest, CalibratingMendsProbabilitiesAndLeavesTheOrder) {
  fill();
  const EvaluationReport before = run(options({kCoop}));
  set_model({.calibration = fit_calibration(before.matched)});
  const EvaluationReport after = run(options({kCoop}));
  for (const auto direction : {kToImage, kToText}) {
    const EvaluationResult& raw = find(before, kCoop, "all", direction);
    const EvaluationResult& mended = find(after, kCoop, "all", direction);
    expect_same(raw, mended);
    EXPECT_LT(mended.reliability->error, raw.reliability->error);
  }
  EXPECT_EQ(before.matched.logits, after.matched.logits) << "logits are not calibrated";
}

TEST_F(EvaluateTest, FoldsAreEvaluationsOfTheirOwn) {
  fill();
  EvaluationOptions folded = options({kEmb, kCoop});
  folded.languages = {"en"};
  folded.fold = 5;
  const EvaluationReport report = run(folded);
  EXPECT_EQ(report.folds, 2u);
  EXPECT_EQ(report.images, 10u);
  EXPECT_EQ(report.left_out_images, 2u);
  double mean = 0;
  for (const std::size_t first : {0, 5}) {
    const Dataset fold = part(first, 5);
    mean +=
        find(evaluate_retrieval(*gallery_, model_, fold, options({kEmb})), kEmb, "en", kToImage).metrics.mrr /
        2;
  }
  EXPECT_DOUBLE_EQ(find(report, kEmb, "en", kToImage).metrics.mrr, mean);
  EXPECT_EQ(find(report, kEmb, "en", kToImage).metrics.queries, 20u);
}

TEST_F(EvaluateTest, FoldsWithoutACaptionInTheLanguageAreRefused) {
  fill();
  std::erase_if(dataset_.captions,
                [](const auto& caption) { return caption.text.language == "de" && caption.image < 10; });
  EvaluationOptions folded = options({kEmb});
  folded.languages = {"de"};
  folded.fold = 10;
  expect_error(ErrorCode::kInvalidArgument, "no picture of the folds", [&] { run(folded); });
}

TEST_F(EvaluateTest, ManyEmbeddingsOfAPictureCountByTheBest) {
  set_model({.embedding_rows = 3});
  fill();
  const EvaluationReport report = run(options({kEmb}));
  // The plain way: every row of a picture on its own, and the best of each picture.
  const BiEncoder encoder(model_);
  std::vector<QueryRanks> queries;
  for (const DatasetCaption& caption : dataset_.captions) {
    const Matrix query = encoder.embed_texts({&caption.text, 1});
    std::vector<float> scores;
    for (const ImageRecord& record : gallery_->images()) {
      const Matrix rows = gallery_->embedding(record.id);
      ASSERT_EQ(rows.rows(), 3u);
      float best = -2;
      for (std::size_t r = 0; r < rows.rows(); ++r) {
        const auto row = rows.row(r);
        best = std::max(best, std::inner_product(row.begin(), row.end(), query.data(), 0.0f));
      }
      scores.push_back(best);
    }
    queries.push_back(rank_scores(scores, std::vector<std::size_t>{caption.image}));
  }
  EXPECT_NEAR(find(report, kEmb, "all", kToImage).metrics.mrr,
              ranking_metrics(queries, std::vector<std::size_t>{1}).mrr, 1e-9);
}

TEST_F(EvaluateTest, AModelOfItsOwnMatchesByThePicturesThemselves) {
  fill(TokenStorage::kNone);
  const auto other = make_fake_model({.match_scale = -8, .weights_fingerprint = "another"});
  EvaluationOptions wanted = options({kCoop});
  const EvaluationReport one = evaluate_retrieval(*gallery_, ModelPair(model_, other), dataset_, wanted);
  const EvaluationReport two = run(wanted);
  EXPECT_LT(find(one, kCoop, "en", kToImage).metrics.mrr, find(two, kCoop, "en", kToImage).metrics.mrr);
  // Where the gallery has tokens, they are not those of the other model, and it does not read them.
  dataset_ = {};
  fill(TokenStorage::kFp16);
  const EvaluationReport three = evaluate_retrieval(*gallery_, ModelPair(model_, other), dataset_, wanted);
  expect_same(find(one, kCoop, "en", kToImage), find(three, kCoop, "en", kToImage));
}

TEST_F(EvaluateTest, APictureThatMustBeReadAgainAndIsGoneEndsItWithAMend) {
  fill(TokenStorage::kNone);
  std::filesystem::remove(dataset_.images[3].file);
  expect_error(ErrorCode::kNotFound,
               {"3.png", "stores no image tokens", "bring the file back, or evaluate emb alone"},
               [&] { run(options({kCe})); });
  EXPECT_NO_THROW(run(options({kEmb})));
}

TEST_F(EvaluateTest, TheSameRunGivesTheSame) {
  fill();
  const auto wanted = options({kCoop});
  const EvaluationReport a = run(wanted);
  const EvaluationReport b = run(wanted);
  for (std::size_t i = 0; i < a.results.size(); ++i) {
    expect_same(a.results[i], b.results[i]);
    EXPECT_EQ(a.results[i].intervals->mrr.low, b.results[i].intervals->mrr.low);
  }
}

TEST_F(EvaluateTest, AStopEndsItAtTheNextCaption) {
  fill();
  std::stop_source stop;
  EvaluationOptions wanted = options({kCe});
  wanted.stop = stop.get_token();
  std::size_t calls = 0;
  wanted.on_progress = [&](std::uint64_t, std::uint64_t) {
    ++calls;
    stop.request_stop();
  };
  expect_error(ErrorCode::kCancelled, "cancelled", [&] { run(wanted); });
  EXPECT_EQ(calls, 1u);
}

TEST(RetrievalMethod, NamesAreRead) {
  for (const char* name : {"emb", "ce", "coop"}) EXPECT_STREQ(to_string(parse_retrieval_method(name)), name);
  expect_error(ErrorCode::kInvalidArgument, "emb, ce or coop", [] { parse_retrieval_method("both"); });
}

}  // namespace
}  // namespace tandem
