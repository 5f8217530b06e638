// Text files that others wrote: nothing is copied, and no line is longer than a bound.
//
// Immutable: const methods may be called from many threads. The views are valid as long as the file object
// lives.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/file_system.h"
#include "core/text_lines.h"

namespace tandem::datasets {

inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;
inline constexpr std::size_t kMaxLineBytes = 16'000'000;

class TextFile {
 public:
  // Throws NotFound; BadFormat for a file beyond kMaxFileBytes.
  TextFile(const FileSystem& files, const std::filesystem::path& path);

  // The whole file, without a byte order mark.
  std::string_view text() const { return text_; }
  // From the first one on, none beyond kMaxLineBytes.
  TextLines lines() const { return {text_, name_, kMaxLineBytes}; }

 private:
  std::string name_;
  std::shared_ptr<const MappedFile> file_;
  std::string_view text_;
};

// Whether there is nothing but white space.
bool is_blank(std::string_view text);

}  // namespace tandem::datasets
