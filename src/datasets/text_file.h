// Text files that others wrote, line by line: nothing is copied, and no line is longer than a bound.
//
// For one thread. The views are valid as long as the file object lives.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/file_system.h"

namespace tandem::datasets {

inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;
inline constexpr std::size_t kMaxLineBytes = 16'000'000;

class TextFile {
 public:
  // Throws NotFound; BadFormat for a file beyond kMaxFileBytes.
  TextFile(const FileSystem& files, const std::filesystem::path& path);

  // The whole file, without a byte order mark.
  std::string_view text() const { return text_; }

  // The next line without its end, "\n" or "\r\n"; false at the end of the file. Throws BadFormat for a line
  // beyond kMaxLineBytes.
  bool next(std::string_view& line);
  std::size_t number() const { return number_; }  // of the last line, from 1

  // "file: line 12", of the last line.
  std::string place() const;

 private:
  std::string name_;
  std::shared_ptr<const MappedFile> file_;
  std::string_view text_;
  std::string_view rest_;
  std::size_t number_ = 0;
};

std::string line_place(const std::string& file, std::size_t line);

// Whether there is nothing but white space.
bool is_blank(std::string_view text);

}  // namespace tandem::datasets
