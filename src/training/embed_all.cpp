#include "training/embed_all.h"

#include <algorithm>
#include <iterator>

#include "core/fail.h"

namespace tandem::training {
namespace {

constexpr std::size_t kEmbedBatch = 128;

// Calls `body` with pieces of `which`.
template <typename Body>
void in_batches(std::span<const std::size_t> which, const char* what, const Watch& watch, Body body) {
  const at::NoGradGuard no_grad;
  for (std::size_t first = 0; first < which.size(); first += kEmbedBatch) {
    watch.tell(what, first, which.size());
    body(which.subspan(first, std::min(kEmbedBatch, which.size() - first)));
  }
}

}  // namespace

void Watch::tell(const std::string& what, std::size_t done, std::size_t total) const {
  if (stop.stop_requested()) fail(ErrorCode::kCancelled, "stopped");
  observer.on_progress(what, done, total);
}

at::Tensor embed_captions(const TrainedModel& model, std::span<const TokenIds> captions,
                          std::span<const std::size_t> which, const Watch& watch) {
  std::vector<at::Tensor> rows;
  in_batches(which, "captions embedded", watch, [&](std::span<const std::size_t> batch) {
    std::vector<TokenIds> texts;
    for (const std::size_t caption : batch) texts.push_back(captions[caption]);
    rows.push_back(model.embed_texts(texts));
  });
  return at::cat(rows);
}

AllImages encode_all(const TrainedModel& model, const Pictures& pictures, std::span<const std::size_t> which,
                     ImageOutputs outputs, const Watch& watch) {
  AllImages all;
  std::vector<at::Tensor> rows;
  in_batches(which, "pictures encoded", watch, [&](std::span<const std::size_t> batch) {
    std::vector<View> views;
    for (const std::size_t image : batch) views.push_back({.image = image, .view = 0, .without_tags = false});
    EncodedImages encoded = model.encode_images(pictures.read(views), outputs);
    if (outputs.embedding) rows.push_back(encoded.embeddings);
    std::ranges::move(encoded.tokens, std::back_inserter(all.tokens));
  });
  if (outputs.embedding) all.embeddings = at::cat(rows);
  return all;
}

}  // namespace tandem::training
