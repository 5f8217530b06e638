#include "datasets/text_file.h"

#include <algorithm>

#include "core/fail.h"

namespace tandem::datasets {

TextFile::TextFile(const FileSystem& files, const std::filesystem::path& path)
    : name_(path.string()), file_(files.map(path)) {
  const auto bytes = file_->bytes();
  if (bytes.size() > kMaxFileBytes) {
    fail(ErrorCode::kBadFormat, "{}: has {} bytes, at most {} are accepted", name_, bytes.size(),
         kMaxFileBytes);
  }
  text_ = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  rest_ = text_;
}

bool TextFile::next(std::string_view& line) {
  if (rest_.empty()) return false;
  ++number_;
  line = rest_.substr(0, rest_.find('\n'));
  rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
  if (line.size() > kMaxLineBytes) {
    fail(ErrorCode::kBadFormat, "{}: is longer than {} bytes; is it a text file?", place(), kMaxLineBytes);
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

std::string TextFile::place() const { return line_place(name_, number_); }

std::string line_place(const std::string& file, std::size_t line) {
  return fmt::format("{}: line {}", file, line);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

}  // namespace tandem::datasets
