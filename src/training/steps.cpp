#include "training/steps.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "training/autocast.h"
#include "training/batches.h"
#include "training/losses.h"

namespace tandem::training {
namespace {

constexpr std::size_t kNamedCaptions = 8;

// A number for a step of a kind and something in it, of which there are fewer than 2^28.
std::uint64_t stream(StepKind kind, std::uint64_t step, std::size_t item) {
  return (number_of(kind, step) << 28) + item;
}

}  // namespace

std::vector<TokenIds> Steps::texts(std::span<const TokenIds> captions, std::span<const std::size_t> which) {
  std::vector<TokenIds> texts;
  for (const std::size_t caption : which) texts.push_back(captions[caption]);
  return texts;
}

std::vector<View> Steps::views(const Pictures& pictures, std::span<const std::size_t> images, StepKind kind,
                               std::uint64_t step) const {
  const TrainingOptions& options = context_.options;
  std::vector<View> views;
  for (const std::size_t image : images) {
    Random random = random_for(options.seed, Draw::kTags, stream(kind, step, image));
    const bool without_tags = random.uniform(0, 1) < options.drop_tags;
    const std::size_t different = pictures.views();
    views.push_back({.image = image,
                     .view = different == 0 ? 1 + random.below(0xffff) : random.below(different),
                     .without_tags = without_tags});
  }
  return views;
}

void Steps::read_ahead(StepKind kind, std::size_t size, std::uint64_t step) const {
  const std::size_t chunk = context_.options.chunk;
  if (context_.options.freeze_tower) return;                                  // reads no pictures
  if (context_.processes.count() > 1 || (chunk > 0 && chunk < size)) return;  // reads parts of it
  const auto pairs = draw_pairs(context_.set, kind, size, step, context_.options.seed);
  context_.pictures.read_ahead(views(context_.pictures, lists_of(pairs).images, kind, step));
}

std::vector<models::ImageGroup> Steps::read(const Pictures& pictures, std::span<const std::size_t> images,
                                            StepKind kind, std::uint64_t step) const {
  return pictures.read(views(pictures, images, kind, step));
}

void Steps::seed_dropout(StepKind kind, std::uint64_t step, std::size_t first) const {
  torch::manual_seed(random_for(context_.options.seed, Draw::kDropout, stream(kind, step, first)).bits());
}

Steps::Embedded Steps::embed(std::span<const Pair> pairs, StepKind kind, std::uint64_t step) const {
  const TrainedModel& model = context_.model;
  const auto [captions, images] = lists_of(pairs);
  const Autocast autocast(context_.options.bf16, model.device().type());
  const auto groups = read(context_.pictures, images, kind, step);
  const auto ids = texts(context_.set.captions(), captions);
  if (kind != StepKind::kCe) {
    return {model.embed_texts(ids),
            model.encode_images(groups, {.embedding = true, .tokens = false}).embeddings};
  }
  return {model.text_factors(ids), model.image_factors(groups).unsqueeze(1)};
}

template <typename Loss>
double Steps::through_embeddings(std::span<const Pair> pairs, StepKind kind, std::uint64_t step, Loss loss) {
  Processes& processes = context_.processes;
  const TrainedModel& model = context_.model;
  const auto [begin, end] = processes.part(pairs.size());
  const std::size_t chunk = context_.options.chunk > 0 ? context_.options.chunk : pairs.size();
  const auto embed_part = [&](std::size_t first, std::size_t last) {
    seed_dropout(kind, step, first);
    return embed(pairs.subspan(first, last - first), kind, step);
  };
  if (processes.count() == 1 && chunk >= pairs.size()) {
    const Embedded all = embed_part(0, pairs.size());
    const at::Tensor value = loss(all.captions, all.images);
    value.backward();
    return value.template item<double>();
  }
  // Gradient cache: the loss of all embeddings without the network's gradients, then those, piece by piece.
  Embedded all;
  {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> captions, images;
    for (std::size_t first = begin; first < end; first += chunk) {
      const Embedded part = embed_part(first, std::min(first + chunk, end));
      captions.push_back(part.captions);
      images.push_back(part.images);
    }
    all = {processes.gather_rows(at::cat(captions)), processes.gather_rows(at::cat(images))};
  }
  all.captions.requires_grad_(true);
  all.images.requires_grad_(true);
  const at::Tensor value = loss(all.captions, all.images);
  value.backward();
  // What the loss itself learns has its whole gradient in each process: it is to be counted once.
  if (processes.rank() != 0) model.clear_loss_gradients();
  for (std::size_t first = begin; first < end; first += chunk) {
    const std::size_t last = std::min(first + chunk, end);
    const Embedded part = embed_part(first, last);
    const auto rows = [&](const at::Tensor& whole) {
      return whole.grad().slice(0, static_cast<std::int64_t>(first), static_cast<std::int64_t>(last));
    };
    torch::autograd::backward({part.captions, part.images}, {rows(all.captions), rows(all.images)});
  }
  return value.template item<double>();
}

double Steps::embedding(std::span<const Pair> pairs, std::uint64_t step) {
  const TrainedModel& model = context_.model;
  const TrainingOptions& options = context_.options;
  const at::Tensor labels = labels_of(pairs, model.device());
  return through_embeddings(pairs, StepKind::kEmb, step, [&](const auto& captions, const auto& images) {
    const at::Tensor alike = cosines(captions, images);
    switch (options.loss) {
      case EmbeddingLoss::kTriplet:
        return batch_hard_triplet(alike, labels, options.margin);
      case EmbeddingLoss::kInfoNce:
        return info_nce(alike * model.scale(), labels);
      case EmbeddingLoss::kNtXent:
        return nt_xent(alike * options.scale);
      case EmbeddingLoss::kSigmoid:
        break;
    }
    // Without a bias of the family's, the log-odds of a right pair stand in its place.
    const at::Tensor bias = model.bias();
    const at::Tensor logits = alike * model.scale();
    const double odds = -std::log(std::max<double>(1, static_cast<double>(pairs.size()) - 1));
    return sigmoid_pairwise(bias.defined() ? logits + bias : logits + odds, labels);
  });
}

double Steps::embedding(std::uint64_t step) {
  const TrainingOptions& options = context_.options;
  const auto pairs = draw_pairs(context_.set, StepKind::kEmb, options.batch_size, step, options.seed);
  remember(pairs);
  read_ahead(StepKind::kEmb, options.batch_size, step + 1);
  return embedding(pairs, step);
}

double Steps::factors(std::uint64_t step) {
  const auto pairs =
      draw_pairs(context_.set, StepKind::kCe, positives_of(context_.options), step, context_.options.seed);
  remember(pairs);
  read_ahead(StepKind::kCe, positives_of(context_.options), step + 1);
  const at::Tensor labels = labels_of(pairs, context_.model.device());
  return through_embeddings(pairs, StepKind::kCe, step, [&](const auto& captions, const auto& images) {
    return info_nce(cosines(captions, images) * context_.model.factor_scale(), labels);
  });
}

double Steps::distillation(std::uint64_t step) {
  const TrainingOptions& options = context_.options;
  const auto pairs = draw_pairs(context_.set, StepKind::kDistill, options.batch_size, step, options.seed);
  remember(pairs);
  const at::Tensor labels = labels_of(pairs, context_.model.device());
  return through_embeddings(pairs, StepKind::kDistill, step, [&](const auto& captions, const auto& images) {
    const at::Tensor alike = cosines(captions, images);
    const auto count = static_cast<std::int64_t>(options.distill_candidates);
    const at::Tensor columns = candidates(alike.detach(), labels, count);
    const at::Tensor student = alike.gather(1, columns) * context_.model.scale();
    return training::distillation(options.distillation, student, teach(pairs, columns.cpu(), step));
  });
}

double Steps::mined_triplet(std::uint64_t step, const MinedNegatives& mined) {
  const TrainingOptions& options = context_.options;
  auto pairs = draw_pairs(context_.set, StepKind::kMined, options.mined_batch_size, step, options.seed);
  const std::size_t count = pairs.size();
  add_mined(pairs, options.mined_negatives, mined, random_for(options.seed, Draw::kMined, step));
  remember(pairs);
  return through_embeddings(pairs, StepKind::kMined, step, [&](const auto& captions, const auto& images) {
    // Blocks of `count`: the right pairs, then wrong captions and pictures for each of them.
    const auto rows = static_cast<std::int64_t>(count);
    const at::Tensor alike = cosines(captions, images);
    std::vector<at::Tensor> wrong_images, wrong_captions;
    for (std::int64_t first = rows; first < alike.size(0); first += rows) {
      wrong_images.push_back(alike.slice(0, 0, rows).slice(1, first, first + rows).diagonal());
      wrong_captions.push_back(alike.slice(0, first, first + rows).slice(1, 0, rows).diagonal());
    }
    return sampled_triplet(alike.slice(0, 0, rows).slice(1, 0, rows).diagonal(), at::stack(wrong_images, 1),
                           at::stack(wrong_captions, 1), options.margin);
  });
}

at::Tensor Steps::teach(std::span<const Pair> pairs, const at::Tensor& columns, std::uint64_t step) const {
  TrainedModel& teacher = context_.teacher;
  const Evaluating evaluating(teacher);
  const Autocast autocast(context_.options.bf16, teacher.device().type());
  const auto [captions, images] = lists_of(pairs);
  const auto groups = read(context_.teacher_pictures, images, StepKind::kDistill, step);
  const EncodedImages encoded = teacher.encode_images(groups, {.embedding = false, .tokens = true});
  std::vector<Pair> asked;
  for (std::int64_t row = 0; row < columns.size(0); ++row) {
    for (std::int64_t i = 0; i < columns.size(1); ++i) {
      asked.push_back(
          {static_cast<std::size_t>(row), static_cast<std::size_t>(columns[row][i].item<std::int64_t>())});
    }
  }
  const at::Tensor logits = teacher.match(texts(context_.teacher_captions, captions), encoded.tokens, asked);
  return logits.view(columns.sizes());
}

double Steps::matching(std::span<const LabelledPair> labelled, std::uint64_t step) {
  const TrainedModel& model = context_.model;
  // A list is computed as a whole.
  const bool listwise = context_.options.match_loss == MatchLoss::kListwise;
  const std::size_t list = listwise ? 1 + context_.options.negatives.each : 1;
  const auto [first_list, last_list] = context_.processes.part(labelled.size() / list);
  const std::size_t begin = first_list * list, end = last_list * list;
  const std::size_t wanted = context_.options.chunk > 0 ? context_.options.chunk : labelled.size();
  const std::size_t chunk = std::max(list, wanted / list * list);
  at::Tensor sum = at::zeros({1}, at::TensorOptions(model.device()));
  for (std::size_t first = begin; first < end; first += chunk) {
    const auto part = labelled.subspan(first, std::min(chunk, end - first));
    const Compact all = compact(part);
    seed_dropout(StepKind::kCe, step, first);
    at::Tensor logits;
    {
      const Autocast autocast(context_.options.bf16, model.device().type());
      const auto groups = read(context_.pictures, all.images, StepKind::kCe, step);
      const EncodedImages encoded = model.encode_images(groups, {.embedding = false, .tokens = true});
      logits = model.match(texts(context_.set.captions(), all.captions), encoded.tokens, all.pairs);
    }
    const double share = static_cast<double>(part.size()) / static_cast<double>(labelled.size());
    const at::Tensor loss = listwise ? match_listwise(logits.view({-1, static_cast<std::int64_t>(list)}))
                                     : match_cross_entropy(logits, matches_of(part, model.device()));
    const at::Tensor value = loss * share;
    value.backward();
    sum += value.detach();
  }
  context_.processes.add_up(sum);
  return sum.item<double>();
}

double Steps::matching(std::size_t round, std::uint64_t step, const MinedNegatives& mined) {
  const TrainingOptions& options = context_.options;
  const auto pairs = draw_pairs(context_.set, StepKind::kCe, positives_of(options), step, options.seed);
  remember(pairs);
  const NegativeSources sources{draws_in_batch(options) ? batch_cosines(pairs, step) : at::Tensor(), mined};
  return matching(with_negatives(pairs, context_.set, sources, options, round, step), step);
}

at::Tensor Steps::batch_cosines(std::span<const Pair> pairs, std::uint64_t step) const {
  TrainedModel& model = context_.model;
  const Evaluating evaluating(model);
  const Autocast autocast(context_.options.bf16, model.device().type());
  const auto [captions, images] = lists_of(pairs);
  const auto groups = read(context_.pictures, images, StepKind::kCe, step);
  const at::Tensor embedded = model.encode_images(groups, {.embedding = true, .tokens = false}).embeddings;
  const at::Tensor alike = cosines(model.embed_texts(texts(context_.set.captions(), captions)), embedded);
  return alike.to(at::kCPU, at::kFloat);
}

void Steps::remember(std::span<const Pair> pairs) {
  last_captions_.clear();
  for (const Pair& pair : pairs) last_captions_.push_back(pair.caption);
}

std::string Steps::last_batch() const {
  std::vector<std::string> names;
  for (const std::size_t caption : last_captions_) {
    if (names.size() < kNamedCaptions) names.push_back(context_.set.id_of(caption));
  }
  return fmt::format("{}{}", fmt::join(names, ", "), last_captions_.size() > names.size() ? " ..." : "");
}

}  // namespace tandem::training
