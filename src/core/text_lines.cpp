#include "core/text_lines.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"

namespace tandem {

TextLines::TextLines(std::string_view text, std::string name, std::size_t max_line_bytes)
    : rest_(text), name_(std::move(name)), max_line_bytes_(max_line_bytes) {}

bool TextLines::next(std::string_view& line) {
  if (rest_.empty()) return false;
  ++number_;
  line = rest_.substr(0, rest_.find('\n'));
  rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
  if (line.size() > max_line_bytes_) {
    fail(ErrorCode::kBadFormat, "{}: is longer than {} bytes; is it a text file?", place(), max_line_bytes_);
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

bool TextLines::next_json(std::string_view& line) {
  do {
    if (!next(line)) return false;
  } while (line.find_first_not_of(" \t\r") == std::string_view::npos);
  return true;
}

std::string TextLines::place() const { return line_place(name_, number_); }

std::string line_place(const std::string& file, std::size_t line) {
  return fmt::format("{}: line {}", file, line);
}

}  // namespace tandem
