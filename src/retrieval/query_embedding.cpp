#include "retrieval/query_embedding.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/fail.h"

namespace tandem::retrieval {
namespace {

void check_query(const Query& query, const std::string& name) {
  if (!query.text && !query.image) {
    fail(ErrorCode::kInvalidArgument, "{} has neither a text nor a picture: give one of them, or both", name);
  }
  if (query.text && query.text->text.find_first_not_of(" \t\r\n\v\f") == std::string::npos) {
    fail(ErrorCode::kInvalidArgument,
         "{} has an empty text: say what the picture shows, or give a picture and no text", name);
  }
}

// Each row of `image` becomes the direction between it and the text; where the two are opposite there is
// none, and the text stands alone.
Matrix mean_with_text(Matrix image, std::span<const float> text) {
  constexpr double kNoLength = 1e-6;
  for (std::size_t r = 0; r < image.rows(); ++r) {
    const auto row = image.row(r);
    double squares = 0;
    for (std::size_t d = 0; d < row.size(); ++d) {
      row[d] += text[d];
      squares += static_cast<double>(row[d]) * row[d];
    }
    const double length = std::sqrt(squares);
    for (std::size_t d = 0; d < row.size(); ++d) {
      row[d] = length < kNoLength ? text[d] : static_cast<float>(row[d] / length);
    }
  }
  return image;
}

}  // namespace

void check_queries(std::span<const Query> queries) {
  for (std::size_t i = 0; i < queries.size(); ++i) {
    check_query(queries[i],
                queries.size() == 1 ? "the query" : fmt::format("query {} of {}", i + 1, queries.size()));
  }
}

std::vector<Matrix> embed_queries(std::span<const Query> queries, const BiEncoder& encoder,
                                  std::stop_token stop) {
  std::vector<Text> texts;
  std::vector<Picture> images;
  for (const Query& query : queries) {
    if (query.text) texts.push_back(*query.text);
    if (query.image) images.push_back(*query.image);
  }
  const Matrix text_rows = texts.empty() ? Matrix() : encoder.embed_texts(texts, stop);
  std::vector<Matrix> image_rows =
      images.empty() ? std::vector<Matrix>() : encoder.embed_images(images, stop);

  std::vector<Matrix> embedded;
  std::size_t next_text = 0;
  std::size_t next_image = 0;
  for (const Query& query : queries) {
    if (!query.text) {
      embedded.push_back(std::move(image_rows[next_image++]));
      continue;
    }
    const auto text = text_rows.row(next_text++);
    if (query.image) {
      embedded.push_back(mean_with_text(std::move(image_rows[next_image++]), text));
    } else {
      std::ranges::copy(text, embedded.emplace_back(1, text.size()).row(0).begin());
    }
  }
  return embedded;
}

Matrix stack_rows(std::span<const Matrix> matrices) {
  std::size_t rows = 0;
  for (const Matrix& matrix : matrices) rows += matrix.rows();
  Matrix stacked(rows, matrices.empty() ? 0 : matrices.front().columns());
  float* end = stacked.data();
  for (const Matrix& matrix : matrices) end = std::copy_n(matrix.data(), matrix.size(), end);
  return stacked;
}

std::vector<ScoredId> merge_by_best(std::span<const std::vector<ScoredId>> lists, std::size_t k) {
  if (lists.size() == 1) return lists.front();
  std::unordered_map<std::int64_t, float> best;
  for (const auto& list : lists) {
    for (const ScoredId& hit : list) {
      const auto [known, is_new] = best.try_emplace(hit.id, hit.score);
      if (!is_new) known->second = std::max(known->second, hit.score);
    }
  }
  std::vector<ScoredId> merged;
  for (const auto& [id, score] : best) merged.push_back({id, score});
  sort_best_first(merged, k);
  return merged;
}

}  // namespace tandem::retrieval
