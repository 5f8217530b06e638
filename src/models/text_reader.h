// Token ids as the tensors that a network reads.
//
// Immutable: const methods may be called from many threads.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "models/network.h"
#include "tandem/text.h"

namespace tandem::models {

class TextReader {
 public:
  // `vocabulary_size`: of the word embedding.
  TextReader(std::shared_ptr<const Tokenizer> tokenizer, std::size_t vocabulary_size);

  const Tokenizer& tokenizer() const { return *tokenizer_; }
  // Of a text as the network reads it: with padding where the tokenizer has it.
  std::size_t read_length(const TokenIds& text) const;
  // The texts at `members`, which have one length, as members × tokens. Throws InvalidArgument for a text
  // that the tokenizer does not make: of another length than 1 to max_length(), or of ids beyond the
  // vocabulary.
  at::Tensor ids(std::span<const TokenIds> texts, std::span<const std::size_t> members) const;
  // Every text is a member of one group: texts of one length.
  std::vector<TextGroup> group(std::span<const TokenIds> texts) const;

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::size_t vocabulary_size_;
};

}  // namespace tandem::models
