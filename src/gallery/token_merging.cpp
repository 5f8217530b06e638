#include "gallery/token_merging.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "index/inner_product.h"

namespace tandem::gallery {
namespace {

struct WeightedTokens {
  Matrix rows;
  std::vector<double> weights;  // how many of the picture's tokens each row is the mean of
};

struct Pair {
  std::size_t from = 0;
  std::size_t into = 0;
  float cosine = 0;
};

// Every second row from `begin` on, of length 1. Rows without a length that float32 can tell become zeros,
// which are like none: so no cosine is NaN, and values that cannot be stored are refused where they are
// encoded.
Matrix every_second_unit_row(const Matrix& rows, std::size_t begin) {
  Matrix units((rows.rows() - begin + 1) / 2, rows.columns());
  for (std::size_t i = 0; i < units.rows(); ++i) {
    const auto row = rows.row(begin + 2 * i);
    const float length = std::sqrt(index::inner_product(row, row));
    if (!(length > 0) || !std::isfinite(length)) continue;
    std::transform(row.begin(), row.end(), units.row(i).begin(),
                   [length](float value) { return value / length; });
  }
  return units;
}

// Of the rows at even places (A) the `count` that are most like one at an odd place (B), each with that one:
// the best pairs first, ties by place.
std::vector<Pair> most_similar_pairs(const Matrix& rows, std::size_t count) {
  const Matrix a = every_second_unit_row(rows, 0);
  const Matrix b = every_second_unit_row(rows, 1);
  std::vector<Pair> pairs;
  std::vector<float> cosines(b.rows());
  for (std::size_t i = 0; i < a.rows(); ++i) {
    index::inner_products(b, a.row(i), cosines.data());
    const auto best = std::max_element(cosines.begin(), cosines.end());
    pairs.push_back({2 * i, 2 * static_cast<std::size_t>(best - cosines.begin()) + 1, *best});
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& one, const Pair& other) { return one.cosine > other.cosine; });
  pairs.resize(count);
  return pairs;
}

// In float64: so a row that is merged with its equals stays what it is, to the last bit.
void merge(const Pair& pair, WeightedTokens& tokens) {
  const auto from = tokens.rows.row(pair.from);
  const auto into = tokens.rows.row(pair.into);
  double& weight = tokens.weights[pair.into];
  const double added = tokens.weights[pair.from];
  std::transform(from.begin(), from.end(), into.begin(), into.begin(), [&](double a, double b) {
    return static_cast<float>((added * a + weight * b) / (added + weight));
  });
  weight += added;
}

// One round: each of `pairs` becomes one row, at the place of the one at the odd place.
WeightedTokens merge_pairs(WeightedTokens tokens, const std::vector<Pair>& pairs) {
  std::vector<bool> gone(tokens.rows.rows());
  for (const Pair& pair : pairs) {
    merge(pair, tokens);
    gone[pair.from] = true;
  }
  WeightedTokens left{Matrix(tokens.rows.rows() - pairs.size(), tokens.rows.columns()), {}};
  for (std::size_t i = 0; i < gone.size(); ++i) {
    if (gone[i]) continue;
    std::ranges::copy(tokens.rows.row(i), left.rows.row(left.weights.size()).begin());
    left.weights.push_back(tokens.weights[i]);
  }
  return left;
}

void copy_rows(MatrixView from, Matrix& to, std::size_t first) {
  std::copy(from.data(), from.data() + from.size(), to.data() + first * to.columns());
}

}  // namespace

// Bipartite soft matching of Bolya et al., "Token Merging: Your ViT But Faster" (ICLR 2023), on what the
// tower gives, where theirs is between its layers. The match is not told how many tokens a row stands for, as
// their attention is: what is stored are plain tokens, which every model reads.
Matrix merge_tokens(const Matrix& tokens, std::size_t count, std::size_t first, std::size_t last) {
  if (tokens.rows() <= count) return tokens;
  const std::size_t before = tokens.rows() - first - last;
  const std::size_t wanted = count - first - last;
  WeightedTokens inner{Matrix(before, tokens.columns()), std::vector<double>(before, 1)};
  copy_rows(tokens.view().rows(first, before), inner.rows, 0);
  while (inner.rows.rows() > wanted) {
    const std::size_t now = inner.rows.rows();
    const auto pairs = most_similar_pairs(inner.rows, std::min(now - wanted, now / 2));
    inner = merge_pairs(std::move(inner), pairs);
  }
  Matrix merged(count, tokens.columns());
  copy_rows(tokens.view().rows(0, first), merged, 0);
  copy_rows(inner.rows, merged, first);
  copy_rows(tokens.view().rows(first + before, last), merged, first + wanted);
  return merged;
}

}  // namespace tandem::gallery
