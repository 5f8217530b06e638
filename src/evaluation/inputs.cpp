#include "evaluation/inputs.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/fail.h"
#include "encoders/checks.h"

namespace tandem::evaluation {

std::vector<ImageId> find_images(const Gallery& gallery, const Dataset& dataset) {
  std::unordered_map<std::string, ImageId> by_path;
  for (const ImageRecord& record : gallery.images()) by_path.emplace(record.path.native(), record.id);
  std::vector<ImageId> ids;
  for (const DatasetImage& image : dataset.images) {
    const auto found = by_path.find(image.file.native());
    ids.push_back(found == by_path.end() ? 0 : found->second);
  }
  if (std::ranges::any_of(ids, [](ImageId id) { return id != 0; })) return ids;
  fail(ErrorCode::kNotFound, "{}: has none of the {} pictures of the dataset; index them into it",
       gallery.info().path.string(), dataset.images.size());
}

Embeddings embed_captions(const BiEncoder& encoder, const Dataset& dataset, const std::vector<Task>& tasks,
                          const std::stop_token& stop) {
  std::vector<bool> is_used(dataset.captions.size());
  for (const Task& task : tasks) {
    if (task.direction != RetrievalDirection::kTextToImage) continue;
    for (const Query& query : task.queries) is_used[query.number] = true;
  }
  std::vector<std::size_t> used;
  std::vector<Text> texts;
  for (std::size_t i = 0; i < is_used.size(); ++i) {
    if (!is_used[i]) continue;
    used.push_back(i);
    texts.push_back(dataset.captions[i].text);
  }
  const Matrix embedded = encoder.embed_texts(texts, stop);
  Matrix rows(dataset.captions.size(), encoder.dimension());
  for (std::size_t i = 0; i < used.size(); ++i) std::ranges::copy(embedded.row(i), rows.row(used[i]).begin());
  return {std::move(rows), 1};
}

Embeddings load_images(const Gallery& gallery, const std::vector<ImageId>& ids, const std::stop_token& stop) {
  constexpr std::size_t kBatch = 256;
  const GalleryInfo& info = gallery.info();
  Embeddings images{Matrix(ids.size() * info.embedding_rows, info.dimension), info.embedding_rows};
  encoders::for_each_batch(ids.size(), kBatch, stop, [&](std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
      if (ids[i] == 0) continue;
      const Matrix rows = gallery.embedding(ids[i]);
      std::copy_n(rows.data(), rows.size(), images.rows.row(i * images.each).data());
    }
  });
  return images;
}

}  // namespace tandem::evaluation
