#include "training/losses.h"

#include <limits>

#include "nn/layers.h"

namespace tandem::training {
namespace {

constexpr double kSamePicture = 2;  // as much as a cosine distance can be
constexpr double kNever = -std::numeric_limits<float>::infinity();

// n × n: whether row and column are of one picture but not a pair of the batch.
at::Tensor repeated(const at::Tensor& labels) {
  const at::Tensor same = labels.unsqueeze(1).eq(labels.unsqueeze(0));
  return same.logical_and(at::eye(labels.size(0), labels.options()).eq(0));
}

at::Tensor cross_entropy_of_diagonal(const at::Tensor& logits) {
  return -at::log_softmax(logits, 1).diagonal().mean();
}

}  // namespace

at::Tensor cosines(const at::Tensor& captions, const at::Tensor& images) {
  const at::Tensor texts = nn::normalize_rows(captions);
  if (images.dim() == 2) return at::mm(texts, nn::normalize_rows(images).t());
  const at::Tensor rows = nn::normalize_rows(images).flatten(0, 1);
  return at::mm(texts, rows.t()).unflatten(1, {images.size(0), images.size(1)}).amax(2);
}

at::Tensor batch_hard_triplet(const at::Tensor& cosines, const at::Tensor& labels, double margin) {
  const at::Tensor distance = 1 - cosines;
  const at::Tensor right = distance.diagonal();
  const at::Tensor same = labels.unsqueeze(1).eq(labels.unsqueeze(0)).to(cosines.scalar_type());
  const at::Tensor wrong = distance + kSamePicture * same;
  const at::Tensor of_images = at::relu(right - wrong.amin(0) + margin);
  const at::Tensor of_captions = at::relu(right - wrong.amin(1) + margin);
  return (of_images + of_captions).mean();
}

at::Tensor sampled_triplet(const at::Tensor& positives, const at::Tensor& wrong_images,
                           const at::Tensor& wrong_captions, double margin) {
  const at::Tensor right = positives.unsqueeze(1);
  return (at::relu(wrong_images - right + margin) + at::relu(wrong_captions - right + margin)).mean();
}

at::Tensor nt_xent(const at::Tensor& logits) { return cross_entropy_of_diagonal(logits.t()); }

at::Tensor info_nce(const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor read = logits.masked_fill(repeated(labels), kNever);
  return (cross_entropy_of_diagonal(read) + cross_entropy_of_diagonal(read.t())) / 2;
}

at::Tensor sigmoid_pairwise(const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor signs = 2 * at::eye(logits.size(0), logits.options()) - 1;
  return -at::log_sigmoid(signs * logits).masked_fill(repeated(labels), 0).sum(1).mean();
}

at::Tensor match_cross_entropy(const at::Tensor& logits, const at::Tensor& matches) {
  return at::binary_cross_entropy_with_logits(logits, matches.to(logits.scalar_type()));
}

at::Tensor match_listwise(const at::Tensor& logits) {
  return -at::log_softmax(logits, 1).select(1, 0).mean();
}

at::Tensor distillation(DistillationLoss kind, const at::Tensor& student, const at::Tensor& teacher) {
  if (kind == DistillationLoss::kKl) {
    const at::Tensor wanted = at::softmax(teacher, 1);
    return (wanted * (at::log_softmax(teacher, 1) - at::log_softmax(student, 1))).sum(1).mean();
  }
  const auto margins = [](const at::Tensor& scores) { return scores.slice(1, 0, 1) - scores.slice(1, 1); };
  return (margins(student) - margins(teacher)).square().mean();
}

}  // namespace tandem::training
