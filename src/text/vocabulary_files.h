// The legacy vocabulary files: vocab.txt, vocab.json and merges.txt.
//
// Free functions, safe to call from many threads at once. All throw BadFormat, naming `source`.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "text/bpe.h"
#include "text/vocabulary.h"

namespace tandem::text {

// One piece on each line, without the white space at its end; the line's number, from 0, is the id.
Vocabulary parse_vocabulary_lines(std::string_view text, std::string_view source);

// {piece: id}
Vocabulary parse_vocabulary(const nlohmann::json& pieces, std::string_view source);

// "left right"; `rank` is for messages.
Bpe::Merge parse_merge(std::string_view line, std::size_t rank, std::string_view source);

// One merge on each line, best first, below an optional line "#version: ...".
std::vector<Bpe::Merge> parse_merge_lines(std::string_view text, std::string_view source);

}  // namespace tandem::text
