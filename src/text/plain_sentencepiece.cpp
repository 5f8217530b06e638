#include "text/plain_sentencepiece.h"

#include <algorithm>

#include "core/fail.h"
#include "core/utf8.h"
#include "text/pipeline.h"

namespace tandem::text {

PlainSentencePiece::PlainSentencePiece(SentencePieceModel model, std::int32_t bos_id, std::int32_t eos_id,
                                       std::size_t max_length)
    : model_(std::move(model)), bos_id_(bos_id), eos_id_(eos_id), max_length_(max_length) {
  require_room_for_frame(max_length, 2);
  for (const std::int32_t id : {bos_id, eos_id}) {
    if (id < 0 || static_cast<std::size_t>(id) >= model_.size()) {
      fail(ErrorCode::kInvalidArgument,
           "tokenizer: the special token's id {} is not among the {} ids of the model", id, model_.size());
    }
  }
}

TokenIds PlainSentencePiece::encode(std::string_view text) const {
  require_utf8(text, "text");
  const TokenIds pieces = model_.encode(text);
  TokenIds ids = {bos_id_};
  ids.insert(ids.end(), pieces.begin(),
             pieces.begin() + static_cast<std::ptrdiff_t>(std::min(pieces.size(), max_length_ - 2)));
  ids.push_back(eos_id_);
  return ids;
}

}  // namespace tandem::text
