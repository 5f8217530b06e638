// One loader for each kind of tokenizer; see tokenizer_loader.h for what they throw.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "tandem/text.h"
#include "text/model_folder.h"
#include "text/pipeline.h"
#include "text/tokenizer_config.h"
#include "text/tokenizer_json.h"
#include "text/tokenizer_loader.h"

namespace tandem::text {

using TokenizerPointer = std::shared_ptr<const Tokenizer>;

TokenizerPointer load_wordpiece(const ModelFolder& folder, std::size_t max_length);
TokenizerPointer load_clip(const ModelFolder& folder, std::size_t max_length);
TokenizerPointer load_roberta(const ModelFolder& folder, std::size_t max_length);
TokenizerPointer load_gemma(const ModelFolder& folder, std::size_t max_length);
TokenizerPointer load_xlm_roberta(const ModelFolder& folder, std::size_t max_length);
TokenizerPointer load_siglip(const ModelFolder& folder, std::size_t max_length);
TokenizerPointer load_plain_sentencepiece(const ModelFolder& folder, const TokenizerOptions& options);

// The special tokens of RoBERTa and XLM-R.
TokenizerConfig::Defaults roberta_tokens();

// The id of a special token that a tokenizer cannot do without, among added tokens or in the vocabulary.
// Throws BadFormat, naming `source`.
std::int32_t require_token(const std::string& content, const std::vector<AddedToken>& added,
                           const Vocabulary& vocabulary, const std::string& source);

// `wanted`, after a check that tokenizer.json frames texts in the same way; what tokenizer.json says where
// the folder asks for that. Throws Unsupported.
Frame agreed_frame(Frame wanted, const TokenizerJson& file, const TokenizerConfig& config);

// The number of ids: those of the vocabulary and the added tokens behind it.
std::size_t count_ids(const Vocabulary& vocabulary, const std::vector<AddedToken>& added);

}  // namespace tandem::text
