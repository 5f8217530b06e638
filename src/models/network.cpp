#include "models/network.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "models/group_by.h"
#include "models/groups.h"

namespace tandem::models {
namespace {

// Where a text is among groups.
struct TextPlace {
  std::size_t group = 0;
  std::int64_t row = 0;
};

std::vector<TextPlace> places_of(std::span<const TextGroup> groups) {
  std::size_t count = 0;
  for (const TextGroup& group : groups) count += group.members.size();
  std::vector<TextPlace> places(count);
  for (std::size_t group = 0; group < groups.size(); ++group) {
    std::int64_t row = 0;
    for (const std::size_t member : groups[group].members) places[member] = {group, row++};
  }
  return places;
}

}  // namespace

std::vector<at::Tensor> tokens_of(const ImageStates& states) {
  std::vector<at::Tensor> tokens = states.tokens.unbind(0);
  if (!states.token_counts.defined()) return tokens;
  const at::Tensor counts = states.token_counts.cpu().contiguous();
  const std::int64_t* count = counts.data_ptr<std::int64_t>();
  for (at::Tensor& one : tokens) one = one.slice(0, 0, *count++);
  return tokens;
}

at::Tensor Network::embed_texts(const at::Tensor&) const {
  fail(ErrorCode::kUnsupported, "this model has no text embeddings");
}

at::Tensor Network::match(const at::Tensor&, const at::Tensor&) const {
  fail(ErrorCode::kUnsupported, "this model has no matching head");
}

at::Tensor Network::embed_text_groups(std::span<const TextGroup> texts) const {
  std::vector<at::Tensor> rows;
  for (const TextGroup& group : texts) rows.push_back(embed_texts(group.ids));
  return in_order(texts, rows);
}

void Network::set_match_precision(Precision precision) {
  fail(ErrorCode::kUnsupported,
       "a match in {} alone is for the family tandem; give the whole model this precision",
       to_string(precision));
}

at::Tensor Network::match_pairs(std::span<const TextGroup> texts, std::span<const at::Tensor> image_tokens,
                                std::span<const MatchPair> pairs) const {
  const std::vector<TextPlace> places = places_of(texts);
  std::vector<Members> groups;
  std::vector<at::Tensor> logits;
  for (const auto& [shape, members] : group_by(pairs, [&](const MatchPair& pair) {
         return std::pair(places[pair.text].group, image_tokens[pair.image].size(0));
       })) {
    std::vector<std::int64_t> rows;
    std::vector<at::Tensor> tokens;
    for (const std::size_t member : members) {
      rows.push_back(places[pairs[member].text].row);
      tokens.push_back(image_tokens[pairs[member].image]);
    }
    // One text with many pictures is read once.
    if (std::ranges::count(rows, rows.front()) == std::ssize(rows)) rows.resize(1);
    const at::Tensor& ids = texts[shape.first].ids;
    logits.push_back(match(ids.index_select(0, to_tensor(rows, ids.device())), at::stack(tokens)));
    groups.push_back({members});
  }
  return in_order(groups, logits);
}

Part Network::part_of(std::string_view name) const {
  const auto begins = [&](const std::string& beginning) { return name.starts_with(beginning); };
  return std::ranges::any_of(tower(), begins) ? Part::kTower : Part::kRest;
}

at::Tensor Network::text_factors(std::span<const TextGroup>) const {
  fail(ErrorCode::kUnsupported, "this model's match has no part that a text and a picture bring apart");
}

at::Tensor Network::image_factors(const ImageBatch&) const {
  fail(ErrorCode::kUnsupported, "this model's match has no part that a text and a picture bring apart");
}

void Network::set_hubness(const at::Tensor&, const at::Tensor&) {
  fail(ErrorCode::kUnsupported, "this model's match does not know how near texts are to pictures at large");
}

void Network::keep_text_states(const at::Tensor&) {
  fail(ErrorCode::kUnsupported, "keep_texts: this model's text side has no part that could be left as it is");
}

ImageBatch Network::read_tower(const ImageBatch&) const {
  fail(ErrorCode::kUnsupported, "this model has no tower that could be computed by itself");
}

}  // namespace tandem::models
