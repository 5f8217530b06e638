// The regular expressions by which byte-level BPE cuts text into words, as plain functions.
//
// Free functions, safe to call from many threads at once; text is well-formed UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace tandem::text {

// Each takes a position below text.size() and gives the end of the word that begins there, which is
// `position` itself where no word begins.

// <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
std::size_t clip_word_end(std::string_view text, std::size_t position);

// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t gpt2_word_end(std::string_view text, std::size_t position);

}  // namespace tandem::text
