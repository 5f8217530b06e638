#include "text/vocabulary_files.h"

#include <algorithm>

#include "core/fail.h"
#include "text/shown.h"
#include "text/unicode.h"

namespace tandem::text {
namespace {

// Lines without their ends; a line end at the end of the text begins no further line.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string_view without_space_at_end(std::string_view line) {
  std::size_t kept = 0;
  for (std::size_t position = 0; position < line.size();) {
    if (!is_white_space(next_code_point(line, position))) kept = position;
  }
  return line.substr(0, kept);
}

}  // namespace

Vocabulary parse_vocabulary_lines(std::string_view text, std::string_view source) {
  std::vector<std::string> pieces;
  for (const std::string_view line : lines_of(text)) pieces.emplace_back(without_space_at_end(line));
  return Vocabulary(std::move(pieces), source);
}

Vocabulary parse_vocabulary(const nlohmann::json& pieces, std::string_view source) {
  std::vector<Vocabulary::Entry> entries;
  entries.reserve(pieces.size());
  for (const auto& [piece, id] : pieces.items()) {
    if (!id.is_number_integer()) {
      fail(ErrorCode::kBadFormat, "{}: the piece {} has a {} for an id, wanted a whole number", source,
           shown(piece), id.type_name());
    }
    entries.push_back({piece, id.get<std::int64_t>()});
  }
  return Vocabulary::from_entries(std::move(entries), source);
}

Bpe::Merge parse_merge(std::string_view line, std::size_t rank, std::string_view source) {
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos || space + 1 == line.size() ||
      line.find(' ', space + 1) != std::string_view::npos) {
    fail(ErrorCode::kBadFormat, "{}: merge {} is {}, wanted two pieces with a space between", source, rank,
         shown(line));
  }
  return {std::string(line.substr(0, space)), std::string(line.substr(space + 1))};
}

std::vector<Bpe::Merge> parse_merge_lines(std::string_view text, std::string_view source) {
  std::vector<Bpe::Merge> merges;
  for (const std::string_view line : lines_of(text)) {
    if (!line.starts_with("#version")) merges.push_back(parse_merge(line, merges.size(), source));
  }
  return merges;
}

}  // namespace tandem::text
