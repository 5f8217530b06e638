#include "models/text_reader.h"

#include <utility>

#include "core/fail.h"
#include "models/group_by.h"

namespace tandem::models {

TextReader::TextReader(std::shared_ptr<const Tokenizer> tokenizer, std::size_t vocabulary_size)
    : tokenizer_(std::move(tokenizer)), vocabulary_size_(vocabulary_size) {}

std::size_t TextReader::read_length(const TokenIds& text) const {
  return tokenizer_->padding_id() ? tokenizer_->max_length() : text.size();
}

at::Tensor TextReader::ids(std::span<const TokenIds> texts, std::span<const std::size_t> members) const {
  const std::size_t max_tokens = tokenizer_->max_length();
  for (const std::size_t member : members) {
    const std::size_t length = texts[member].size();
    if (length == 0 || length > max_tokens) {
      fail(ErrorCode::kInvalidArgument,
           "a text of {} tokens; 1 to {} are wanted, as the tokenizer makes them", length, max_tokens);
    }
  }
  const std::size_t length = read_length(texts[members.front()]);
  at::Tensor ids = torch::full({static_cast<std::int64_t>(members.size()), static_cast<std::int64_t>(length)},
                               tokenizer_->padding_id().value_or(0), at::kLong);
  std::int64_t* row = ids.data_ptr<std::int64_t>();
  for (const std::size_t member : members) {
    std::int64_t* out = std::exchange(row, row + length);
    for (const std::int32_t id : texts[member]) {
      if (id < 0 || static_cast<std::size_t>(id) >= vocabulary_size_) {
        fail(ErrorCode::kInvalidArgument, "token id {} is outside the model's vocabulary of {}", id,
             vocabulary_size_);
      }
      *out++ = id;
    }
  }
  return ids;
}

std::vector<TextGroup> TextReader::group(std::span<const TokenIds> texts) const {
  std::vector<TextGroup> groups;
  for (const auto& [length, members] :
       group_by(texts, [&](const TokenIds& text) { return read_length(text); })) {
    groups.push_back({members, ids(texts, members)});
  }
  return groups;
}

}  // namespace tandem::models
