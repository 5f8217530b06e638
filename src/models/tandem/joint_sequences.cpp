#include "models/tandem/joint_sequences.h"

#include <utility>

#include "models/group_by.h"

namespace tandem::models {
namespace {

// Rows of a text or a picture.
struct Stretch {
  std::int64_t begin = 0;
  std::int64_t length = 0;
};

void append(std::vector<std::int64_t>& rows, const Stretch& stretch) {
  for (std::int64_t i = 0; i < stretch.length; ++i) rows.push_back(stretch.begin + i);
}

}  // namespace

JointSequences::JointSequences(std::span<const TextGroup> texts, std::span<const at::Tensor> image_tokens,
                               std::span<const MatchPair> pairs) {
  std::int64_t end = 1;
  const auto next = [&](std::int64_t length) { return Stretch{std::exchange(end, end + length), length}; };
  std::size_t count = 0;
  for (const TextGroup& group : texts) count += group.members.size();
  std::vector<Stretch> text_rows(count), image_rows;
  for (const TextGroup& group : texts) {
    for (const std::size_t member : group.members) text_rows[member] = next(group.ids.size(1));
  }
  for (const at::Tensor& tokens : image_tokens) image_rows.push_back(next(tokens.size(0)));

  for (const auto& [shape, members] : group_by(pairs, [&](const MatchPair& pair) {
         return std::pair(text_rows[pair.text].length, image_rows[pair.image].length);
       })) {
    const auto [text_length, image_length] = shape;
    groups_.push_back({members});
    runs_.push_back({std::ssize(members), 1 + text_length + image_length});
    for (const std::size_t member : members) {
      rows_.push_back(0);
      append(rows_, text_rows[pairs[member].text]);
      append(rows_, image_rows[pairs[member].image]);
      stretches_.insert(stretches_.end(), {1, text_length, image_length});
    }
  }
}

}  // namespace tandem::models
