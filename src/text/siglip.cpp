#include "text/siglip.h"

#include <algorithm>
#include <utility>

#include "core/utf8.h"
#include "text/pipeline.h"
#include "text/unicode.h"

namespace tandem::text {
namespace {

// What Python's string.punctuation has: every printable ASCII character that is no letter, digit or space.
bool is_ascii_punctuation(char32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

// Without punctuation; white space collapsed, and none at the ends.
std::string canonicalize(std::string_view text) {
  std::string result;
  bool space_before = false;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = next_code_point(text, position);
    if (is_ascii_punctuation(c)) continue;
    if (is_python_white_space(c)) {
      space_before = true;
      continue;
    }
    if (space_before && !result.empty()) result += ' ';
    space_before = false;
    append_code_point(c, result);
  }
  return result;
}

std::string marks_as_spaces(std::string_view text) {
  std::string result;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t mark = std::min(text.find(kSpaceMark, position), text.size());
    result += text.substr(position, mark - position);
    if (mark < text.size()) result += ' ';
    position = mark + kSpaceMark.size();
  }
  return result;
}

}  // namespace

SiglipTokenizer::SiglipTokenizer(SentencePieceModel model, std::vector<AddedToken> added,
                                 SiglipOptions options)
    : model_(std::move(model)),
      added_(std::move(added)),
      options_(std::move(options)),
      unknown_token_length_(model_.encode(options_.unknown_token).size()) {
  require_room_for_frame(options_.max_length, 1);
}

TokenIds SiglipTokenizer::encode(std::string_view text) const {
  require_utf8(text, "text");
  const std::string marked = std::string(kSpaceMark) + marks_as_spaces(text);
  TokenIds ids;
  bool added_token_second = false;
  for (const AddedTokens::Part& part : added_.split(marked)) {
    if (part.id) {
      added_token_second = added_token_second || ids.size() == 1;
      ids.push_back(*part.id);
    } else {
      encode_between_tokens(part.text, ids);
    }
  }
  // The mark that was put before the text goes where nothing but an added token follows it.
  if (added_token_second && ids.front() == options_.space_id) ids.erase(ids.begin());
  if (ids.size() >= options_.max_length) ids.resize(options_.max_length - 1);
  if (ids.empty() || ids.back() != options_.end_id) ids.push_back(options_.end_id);
  return ids;
}

void SiglipTokenizer::encode_between_tokens(std::string_view text, TokenIds& ids) const {
  const std::string canonical = canonicalize(options_.lower_case ? lower_text(text) : std::string(text));
  // SentencePiece drops spaces at the start of a text; behind the unknown token, written out, they stay.
  const TokenIds encoded = model_.encode(options_.unknown_token + canonical);
  const std::size_t skipped = encoded.size() >= unknown_token_length_ ? unknown_token_length_ : 0;
  ids.insert(ids.end(), encoded.begin() + static_cast<std::ptrdiff_t>(skipped), encoded.end());
}

}  // namespace tandem::text
