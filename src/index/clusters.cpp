#include "index/clusters.h"

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <fmt/format.h>

#include <algorithm>

#include "index/faiss_errors.h"

namespace tandem::index {

Clusters find_clusters(MatrixView rows, std::size_t count) {
  const std::string where = fmt::format("{} clusters of {} vectors", count, rows.rows());
  return translated(ErrorCode::kBackend, where, [&] {
    const auto width = static_cast<int>(rows.columns());
    const auto number = static_cast<faiss::Index::idx_t>(rows.rows());
    faiss::ClusteringParameters parameters;
    parameters.min_points_per_centroid = 1;  // fewer than 39 are no reason to print a warning
    faiss::Clustering clustering(width, static_cast<int>(count), parameters);
    faiss::IndexFlatL2 index(static_cast<faiss::Index::idx_t>(width));
    clustering.train(number, rows.data(), index);

    // The index holds the centres that training ended with.
    std::vector<float> distances(rows.rows());
    std::vector<faiss::Index::idx_t> nearest(rows.rows());
    index.search(number, rows.data(), 1, distances.data(), nearest.data());
    Clusters clusters{Matrix(count, rows.columns()), std::vector<std::size_t>(count)};
    std::ranges::copy(clustering.centroids, clusters.centres.data());
    for (const faiss::Index::idx_t cluster : nearest) ++clusters.members[static_cast<std::size_t>(cluster)];
    return clusters;
  });
}

}  // namespace tandem::index
