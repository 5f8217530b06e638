#include "datasets/text_file.h"

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
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

}  // namespace tandem::datasets
