// Metrics, rankings and reranking against the reference's values (data/evaluation/expected.json).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "checkpoint/safetensors.h"
#include "evaluation/rerank.h"
#include "tandem/evaluation.h"

namespace tandem {
namespace {

using nlohmann::json;
using namespace evaluation;  // NOLINT: what is tested

constexpr double kMetricTolerance = 1e-9;
const std::vector<std::size_t> kCutoffs = {1, 3, 5, 10};

std::filesystem::path data() { return std::filesystem::path(TANDEM_TEST_DATA) / "evaluation"; }

json expected() {
  std::ifstream file(data() / "expected.json");
  return json::parse(file);
}

class Tensors {
 public:
  explicit Tensors(const std::string& file)
      : file_(checkpoint::SafetensorsFile::open(data() / file, FileSystem::system())) {}

  // The first dimension gives the rows, all others together the columns; a vector is one row.
  Matrix matrix(const std::string& name) const {
    const checkpoint::TensorView& tensor = *file_.find(name);
    const std::size_t columns =
        tensor.shape.size() > 1 ? tensor.count() / static_cast<std::size_t>(tensor.shape[0]) : tensor.count();
    Matrix values(tensor.count() / columns, columns);
    checkpoint::read_f32(tensor, {values.data(), values.size()});
    return values;
  }
  std::vector<std::size_t> numbers(const std::string& name) const {
    const Matrix values = matrix(name);
    return {values.data(), values.data() + values.size()};
  }

 private:
  checkpoint::SafetensorsFile file_;
};

Matrix transposed(const Matrix& matrix) {
  Matrix result(matrix.columns(), matrix.rows());
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (std::size_t j = 0; j < matrix.columns(); ++j) result.row(j)[i] = matrix.row(i)[j];
  }
  return result;
}

// What each caption, or each picture, is looked for by.
std::vector<std::vector<std::size_t>> right_answers(const std::vector<std::size_t>& caption_image,
                                                    std::size_t images, RetrievalDirection direction) {
  std::vector<std::vector<std::size_t>> right;
  if (direction == RetrievalDirection::kTextToImage) {
    for (const std::size_t image : caption_image) right.push_back({image});
    return right;
  }
  right.resize(images);
  for (std::size_t c = 0; c < caption_image.size(); ++c) right[caption_image[c]].push_back(c);
  return right;
}

void expect_metrics(const json& wanted, const RankingMetrics& found) {
  std::size_t compared = 0;
  for (const auto& [name, value] : wanted.items()) {
    SCOPED_TRACE(name);
    double mine = NAN;
    if (name.starts_with("R@")) mine = found.recall.at(std::stoul(name.substr(2)));
    if (name == "MRR@10") mine = found.mrr_at_10;
    if (name == "MRR") mine = found.mrr;
    if (name == "NDCG@10") mine = found.ndcg_at_10;
    if (name == "MAP@10") mine = found.map_at_10;
    if (name == "median_rank") mine = found.median_rank;
    if (name == "mean_rank") mine = found.mean_rank;
    EXPECT_NEAR(mine, value.get<double>(), kMetricTolerance);
    ++compared;
  }
  EXPECT_GE(compared, 7u);
}

class GoldenMetrics : public ::testing::TestWithParam<int> {};

TEST_P(GoldenMetrics, AgreeWithTheReference) {
  const json wanted = expected()["cases"][static_cast<std::size_t>(GetParam())];
  SCOPED_TRACE(wanted["name"].get<std::string>());
  const Tensors tensors(wanted["file"]);
  const Matrix scores = tensors.matrix("scores");
  const auto caption_image = tensors.numbers("caption_image");
  std::vector<RankingMetrics> metrics;
  for (const auto direction : {RetrievalDirection::kTextToImage, RetrievalDirection::kImageToText}) {
    const Matrix rows = direction == RetrievalDirection::kTextToImage ? scores : transposed(scores);
    const auto right = right_answers(caption_image, scores.columns(), direction);
    std::vector<QueryRanks> queries;
    for (std::size_t q = 0; q < rows.rows(); ++q) queries.push_back(rank_scores(rows.row(q), right[q]));
    metrics.push_back(ranking_metrics(queries, kCutoffs));
    expect_metrics(wanted["expected"][to_string(direction)], metrics.back());
  }
  EXPECT_NEAR(mean_recall(metrics[0], metrics[1]), wanted["expected"]["mR"].get<double>(), kMetricTolerance);
  EXPECT_NEAR(recall_sum(metrics[0], metrics[1]), 600 * mean_recall(metrics[0], metrics[1]),
              kMetricTolerance);
  const bool has_ties = wanted["name"] == "ties";
  EXPECT_EQ(metrics[0].ties > 0, has_ties);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenMetrics, ::testing::Range(0, 4));

// Retrieve and rerank: the first stage here, the scores of the second from the file.
class GoldenRerank : public ::testing::TestWithParam<int> {
 protected:
  GoldenRerank()
      : tensors_("retrieve_rerank.safetensors"),
        captions_(normalised(tensors_.matrix("caption_embeddings"))),
        images_(normalised(tensors_.matrix("image_embeddings"))),
        logits_(tensors_.matrix("logits")) {}

  static Embeddings normalised(Matrix rows) {
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const auto row = rows.row(i);
      const double square = std::inner_product(row.begin(), row.end(), row.begin(), 0.0);
      for (float& value : row) value = static_cast<float>(value / std::sqrt(square));
    }
    return {std::move(rows), 1};
  }

  double score(const std::string& mode, std::size_t caption, std::size_t image, float similarity) const {
    const auto row = logits_.row(caption);
    const float no = row[2 * image];
    const float yes = row[2 * image + 1];
    if (mode == "second_logit") return yes;
    return fused_score(similarity, yes - no, mode == "log_odds" ? 1 : 0.5);
  }

  Task task(RetrievalDirection direction) const {
    const auto right = right_answers(tensors_.numbers("caption_image"), images_.rows.rows(), direction);
    Task task;
    task.direction = direction;
    for (std::size_t q = 0; q < right.size(); ++q) task.queries.push_back({q, right[q], true});
    const bool by_text = direction == RetrievalDirection::kTextToImage;
    task.candidates.resize(by_text ? images_.rows.rows() : captions_.rows.rows());
    std::iota(task.candidates.begin(), task.candidates.end(), std::size_t{0});
    return task;
  }

  Tensors tensors_;
  Embeddings captions_;
  Embeddings images_;
  Matrix logits_;
};

TEST_P(GoldenRerank, OrdersAndMetricsAgreeWithTheReference) {
  const json all = expected()["retrieve_rerank"];
  const std::size_t shortlist = all["shortlist"];
  const json mode = all["modes"][static_cast<std::size_t>(GetParam())];
  SCOPED_TRACE(mode["mode"].get<std::string>());
  std::vector<RankingMetrics> metrics;
  for (const auto direction : {RetrievalDirection::kTextToImage, RetrievalDirection::kImageToText}) {
    const bool by_text = direction == RetrievalDirection::kTextToImage;
    const Task queries = task(direction);
    const auto rankings = rank_by_similarity(queries, by_text ? captions_ : images_,
                                             by_text ? images_ : captions_, shortlist, {});
    const json& orders = mode[by_text ? "text_to_image_order" : "image_to_text_order"];
    std::vector<QueryRanks> ranks;
    for (std::size_t q = 0; q < rankings.size(); ++q) {
      std::vector<double> scores;
      for (const auto& [number, similarity] : rankings[q].shortlist) {
        scores.push_back(by_text ? score(mode["mode"], q, number, similarity)
                                 : score(mode["mode"], number, q, similarity));
      }
      const Answers answers = rerank(rankings[q], scores, shortlist);
      EXPECT_EQ(answers.first, orders[q].get<std::vector<std::size_t>>()) << "query " << q;
      ranks.push_back(answers.ranks);
      // The reference counts what is on the shortlist alone.
      std::erase_if(ranks.back().ranks, [&](std::size_t rank) { return rank > shortlist; });
    }
    metrics.push_back(ranking_metrics(ranks, kCutoffs));
    expect_metrics(mode["expected"][to_string(direction)], metrics.back());
  }
  EXPECT_NEAR(mean_recall(metrics[0], metrics[1]), mode["expected"]["mR"].get<double>(), kMetricTolerance);
}

INSTANTIATE_TEST_SUITE_P(Modes, GoldenRerank, ::testing::Range(0, 3));

}  // namespace
}  // namespace tandem
