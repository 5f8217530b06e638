#include "text/pipeline.h"

#include <utility>

#include "core/fail.h"
#include "core/utf8.h"

namespace tandem::text {
namespace {

std::vector<AddedToken> raw_tokens(const std::vector<AddedToken>& added) {
  std::vector<AddedToken> tokens;
  for (const AddedToken& token : added) {
    if (!token.normalized) tokens.push_back(token);
  }
  return tokens;
}

std::vector<AddedToken> normalized_tokens(const std::vector<AddedToken>& added, const SubwordModel& model) {
  std::vector<AddedToken> tokens;
  for (AddedToken token : added) {
    if (!token.normalized) continue;
    token.content = model.normalize(token.content);
    tokens.push_back(std::move(token));
  }
  return tokens;
}

}  // namespace

void require_room_for_frame(std::size_t max_length, std::size_t special_tokens) {
  if (max_length < special_tokens) {
    fail(ErrorCode::kInvalidArgument,
         "tokenizer: max_length is {}, fewer than the {} special tokens of every text; raise it", max_length,
         special_tokens);
  }
}

PipelineTokenizer::PipelineTokenizer(std::unique_ptr<const SubwordModel> model,
                                     const std::vector<AddedToken>& added, Frame frame,
                                     std::size_t vocabulary_size, std::size_t max_length,
                                     std::optional<std::int32_t> padding_id)
    : model_(std::move(model)),
      raw_(raw_tokens(added)),
      normalized_(normalized_tokens(added, *model_)),
      frame_(std::move(frame)),
      vocabulary_size_(vocabulary_size),
      max_length_(max_length),
      padding_id_(padding_id) {
  require_room_for_frame(max_length, frame_.prefix.size() + frame_.suffix.size());
  for (const TokenIds* side : {&frame_.prefix, &frame_.suffix}) {
    for (const std::int32_t id : *side) {
      if (id < 0 || static_cast<std::size_t>(id) >= vocabulary_size) {
        fail(ErrorCode::kBadFormat,
             "tokenizer: the special token's id {} is not among the {} ids of the model", id,
             vocabulary_size);
      }
    }
  }
}

TokenIds PipelineTokenizer::encode(std::string_view text) const {
  require_utf8(text, "text");
  const std::size_t limit = max_length_ - frame_.suffix.size();
  TokenIds ids = frame_.prefix;
  for (const AddedTokens::Part& part : raw_.split(text)) {
    if (ids.size() >= limit) break;
    if (part.id) {
      ids.push_back(*part.id);
    } else {
      encode_normalized(model_->normalize(part.text), limit, ids);
    }
  }
  if (ids.size() > limit) ids.resize(limit);
  ids.insert(ids.end(), frame_.suffix.begin(), frame_.suffix.end());
  return ids;
}

void PipelineTokenizer::encode_normalized(std::string_view normalized, std::size_t limit,
                                          TokenIds& ids) const {
  for (const AddedTokens::Part& part : normalized_.split(normalized)) {
    if (ids.size() >= limit) return;
    if (part.id) {
      ids.push_back(*part.id);
    } else {
      model_->encode(part.text, limit, ids);
    }
  }
}

}  // namespace tandem::text
