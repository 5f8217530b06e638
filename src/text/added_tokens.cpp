#include "text/added_tokens.h"

#include <algorithm>
#include <utility>

#include "text/unicode.h"

namespace tandem::text {
namespace {

std::vector<std::string> contents_of(const std::vector<AddedToken>& tokens) {
  std::vector<std::string> contents;
  for (const AddedToken& token : tokens) contents.push_back(token.content);
  return contents;
}

// The position of the code point that ends at `end` (above 0).
std::size_t previous(std::string_view text, std::size_t end) {
  do --end;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80);
  return end;
}

char32_t code_point_at(std::string_view text, std::size_t position) {
  return next_code_point(text, position);
}

bool touches_word(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin > 0 && is_word(code_point_at(text, previous(text, begin)))) ||
         (end < text.size() && is_word(code_point_at(text, end)));
}

std::size_t before_white_space(std::string_view text, std::size_t floor, std::size_t position) {
  while (position > floor && is_white_space(code_point_at(text, previous(text, position)))) {
    position = previous(text, position);
  }
  return position;
}

std::size_t behind_white_space(std::string_view text, std::size_t position) {
  for (std::size_t next = position; position < text.size(); position = next) {
    if (!is_white_space(next_code_point(text, next))) break;
  }
  return position;
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens)
    : tokens_(std::move(tokens)), contents_(contents_of(tokens_), "added tokens") {}

const AddedToken* AddedTokens::longest_at(std::string_view text, std::size_t position) const {
  const AddedToken* longest = nullptr;
  Vocabulary::Walk walk = contents_.walk();
  while (position < text.size() && walk.advance(text[position++])) {
    if (const auto index = walk.id()) longest = &tokens_[static_cast<std::size_t>(*index)];
  }
  return longest;
}

std::vector<AddedTokens::Part> AddedTokens::split(std::string_view text) const {
  std::vector<Part> parts;
  std::size_t done = 0;  // everything before it is in `parts`
  for (std::size_t position = 0; position < text.size();) {
    const AddedToken* token = longest_at(text, position);
    if (token == nullptr) {
      ++position;
      continue;
    }
    std::size_t begin = position;
    std::size_t end = position + token->content.size();
    position = end;
    if (token->single_word && touches_word(text, begin, end)) continue;
    // Text that the token before has taken stays with it.
    if (token->lstrip) begin = before_white_space(text, done, begin);
    begin = std::max(begin, done);
    if (token->rstrip) end = behind_white_space(text, end);
    if (done < begin) parts.push_back({text.substr(done, begin - done), std::nullopt});
    parts.push_back({text.substr(begin, end - begin), token->id});
    done = end;
  }
  if (done < text.size()) parts.push_back({text.substr(done), std::nullopt});
  return parts;
}

}  // namespace tandem::text
