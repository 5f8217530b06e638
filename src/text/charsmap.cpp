#include "text/charsmap.h"

#include "core/fail.h"
#include "text/unicode.h"

namespace tandem::text {
namespace {

// The parts of a trie unit. A unit's children lie at its position ^ offset ^ byte, its value (if it is
// terminal) at position ^ offset.
bool is_terminal(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
std::uint32_t value_of(std::uint32_t unit) { return unit & 0x7FFFFFFF; }
std::uint32_t label_of(std::uint32_t unit) { return unit & 0x800000FF; }
std::uint32_t offset_of(std::uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }

std::uint32_t read_little_endian(std::string_view bytes, std::size_t position) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[position + i])) << (8 * i);
  }
  return value;
}

}  // namespace

Charsmap::Charsmap(std::string_view blob, std::string_view source) {
  if (blob.empty()) return;
  const std::size_t trie_bytes = blob.size() < 4 ? 0 : read_little_endian(blob, 0);
  if (trie_bytes == 0 || trie_bytes % 4 != 0 || trie_bytes > blob.size() - 4) {
    fail(ErrorCode::kBadFormat,
         "{}: the charsmap of {} bytes gives its trie as {} bytes; the file is damaged", source, blob.size(),
         trie_bytes);
  }
  for (std::size_t i = 0; i < trie_bytes; i += 4) units_.push_back(read_little_endian(blob, 4 + i));
  replacements_ = blob.substr(4 + trie_bytes);
  check(source);
}

void Charsmap::check(std::string_view source) const {
  const auto require = [&](bool fine) {
    if (!fine)
      fail(ErrorCode::kBadFormat, "{}: the charsmap's trie leads out of itself; the file is damaged", source);
  };
  require(!replacements_.empty() && replacements_.back() == '\0');
  std::vector<bool> seen(units_.size());
  std::vector<std::uint32_t> open = {offset_of(units_[0])};
  while (!open.empty()) {
    const std::uint32_t base = open.back();
    open.pop_back();
    require((base | 0xFF) < units_.size());
    if (seen[base]) continue;
    seen[base] = true;
    for (std::uint32_t byte = 1; byte < 256; ++byte) {
      const std::uint32_t position = base ^ byte;
      if (label_of(units_[position]) != byte) continue;
      const std::uint32_t child = position ^ offset_of(units_[position]);
      require(child < units_.size());
      if (is_terminal(units_[position])) require(value_of(units_[child]) < replacements_.size());
      open.push_back(child);
    }
  }
}

std::optional<std::string_view> Charsmap::replacement(std::string_view chunk) const {
  if (units_.empty()) return std::nullopt;
  std::uint32_t position = offset_of(units_[0]);
  for (const char c : chunk) {
    const auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>(c));
    if (byte == 0) break;
    position ^= byte;
    const std::uint32_t unit = units_[position];
    if (label_of(unit) != byte) break;
    position ^= offset_of(unit);
    if (is_terminal(unit)) return replacements_.c_str() + value_of(units_[position]);
  }
  return std::nullopt;
}

std::string Charsmap::normalize(std::string_view text) const {
  constexpr std::size_t kLongestWholeGrapheme = 5;  // bytes
  std::string result;
  result.reserve(text.size());
  std::size_t begin = 0;
  for (const std::size_t end : grapheme_ends(text)) {
    const std::string_view grapheme = text.substr(begin, end - begin);
    begin = end;
    if (grapheme.size() <= kLongestWholeGrapheme) {
      if (const auto whole = replacement(grapheme)) {
        result += *whole;
        continue;
      }
    }
    for (std::size_t position = 0; position < grapheme.size();) {
      const std::size_t start = position;
      next_code_point(grapheme, position);
      const std::string_view character = grapheme.substr(start, position - start);
      result += replacement(character).value_or(character);
    }
  }
  return result;
}

}  // namespace tandem::text
