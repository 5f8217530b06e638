// Text line by line, and where a line stands.
//
// For one thread. The text must outlive the lines that are taken of it.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace tandem {

class TextLines {
 public:
  // `name` is what messages call the text, mostly its file.
  TextLines(std::string_view text, std::string name,
            std::size_t max_line_bytes = std::numeric_limits<std::size_t>::max());

  // The next line without its end, "\n" or "\r\n"; false at the end of the text. Throws BadFormat for a line
  // of more than `max_line_bytes`.
  bool next(std::string_view& line);
  // Of JSON lines: the next one with more on it than JSON's white space.
  bool next_json(std::string_view& line);

  std::size_t number() const { return number_; }  // of the last line, from 1
  // "file: line 12", of the last line.
  std::string place() const;

 private:
  std::string_view rest_;
  std::string name_;
  std::size_t max_line_bytes_;
  std::size_t number_ = 0;
};

// "file: line 12".
std::string line_place(const std::string& file, std::size_t line);

}  // namespace tandem
