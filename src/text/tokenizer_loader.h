// Loading the tokenizer of a model folder: which files define it and what they mean for each kind.
//
// Free functions, safe to call from many threads at once. The tokenizers they return are immutable and own
// all they need; the files may go away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/file_system.h"
#include "tandem/text.h"

namespace tandem::text {

enum class TokenizerKind {
  kWordPiece,           // BERT: tokenizer.json, or vocab.txt
  kClipBpe,             // CLIP: tokenizer.json, or vocab.json and merges.txt
  kRobertaBpe,          // RoBERTa, GPT-2: tokenizer.json, or vocab.json and merges.txt
  kSiglip,              // SigLIP: spiece.model; where there is none, SigLIP 2 (Gemma): tokenizer.json
  kXlmRoberta,          // XLM-R: tokenizer.json, or sentencepiece.bpe.model
  kPlainSentencePiece,  // sentencepiece.model, ids as they are
};

struct TokenizerOptions {
  TokenizerKind kind = TokenizerKind::kWordPiece;
  // Longest result, special tokens included: the number of the model's text positions. A smaller
  // model_max_length in tokenizer_config.json holds instead.
  std::size_t max_length = 0;
  // First and last id of every result; kPlainSentencePiece only, the other kinds' files name theirs.
  std::int32_t bos_id = 0;
  std::int32_t eos_id = 0;
  // An empty text is the first special token alone.
  bool empty_is_first = false;
  // A text that is too long loses the last special token, and keeps one of its own more.
  bool cut_last = false;
};

// Throws NotFound (naming the files looked for), BadFormat, Unsupported (a tokenizer.json that asks for
// something that this kind cannot do), InvalidArgument (max_length too small for the special tokens).
std::shared_ptr<const Tokenizer> load_tokenizer_files(const std::filesystem::path& folder,
                                                      const TokenizerOptions& options,
                                                      const FileSystem& files = FileSystem::system());

// The files of the folder that load_tokenizer_files() reads, sorted: for fingerprints. Empty where the
// folder has none of them.
std::vector<std::filesystem::path> tokenizer_files(const std::filesystem::path& folder, TokenizerKind kind,
                                                   const FileSystem& files = FileSystem::system());

}  // namespace tandem::text
