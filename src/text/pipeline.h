// A tokenizer as most models have it: added tokens are cut out, what lies between goes through a sub-word
// model, special tokens frame the result.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tandem/text.h"
#include "text/added_tokens.h"

namespace tandem::text {

// What happens to the text between added tokens.
class SubwordModel {
 public:
  virtual ~SubwordModel() = default;
  virtual std::string normalize(std::string_view text) const = 0;
  // Appends the ids of normalised text. Ids beyond the first `limit` of `ids` are not needed.
  virtual void encode(std::string_view normalized, std::size_t limit, TokenIds& ids) const = 0;
};

// Special tokens around every text.
struct Frame {
  TokenIds prefix;
  TokenIds suffix;
  friend bool operator==(const Frame&, const Frame&) = default;
};

class PipelineTokenizer final : public Tokenizer {
 public:
  // Throws InvalidArgument if max_length does not hold the frame, BadFormat if the frame has other ids than
  // those below vocabulary_size.
  PipelineTokenizer(std::unique_ptr<const SubwordModel> model, const std::vector<AddedToken>& added,
                    Frame frame, std::size_t vocabulary_size, std::size_t max_length,
                    std::optional<std::int32_t> padding_id = {});

  TokenIds encode(std::string_view text) const override;
  std::size_t vocabulary_size() const override { return vocabulary_size_; }
  std::size_t max_length() const override { return max_length_; }
  std::optional<std::int32_t> padding_id() const override { return padding_id_; }

 private:
  void encode_normalized(std::string_view normalized, std::size_t limit, TokenIds& ids) const;

  std::unique_ptr<const SubwordModel> model_;
  AddedTokens raw_;         // found in the text as it comes
  AddedTokens normalized_;  // found in the normalised text
  Frame frame_;
  std::size_t vocabulary_size_;
  std::size_t max_length_;
  std::optional<std::int32_t> padding_id_;
};

// Throws InvalidArgument, naming both, if `max_length` is below the number of special tokens.
void require_room_for_frame(std::size_t max_length, std::size_t special_tokens);

}  // namespace tandem::text
