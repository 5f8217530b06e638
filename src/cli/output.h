// Standard output, and text made for people.
//
// For one thread.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cli/json.h"

namespace tandem::cli {

// Whoever read standard output went away (`tandem ... | head`): nothing more to say to anybody.
class OutputClosed : public std::exception {
 public:
  const char* what() const noexcept override { return "standard output was closed"; }
};

// Writes a line and passes it on at once. Throws OutputClosed; Backend where it cannot be written.
void print_line(std::string_view line);
void print_json(const Json& object);

// On standard error; failures are ignored, there is nowhere left to report them.
void print_error(std::string_view message);  // "tandem: error: ..."
void print_note(std::string_view message);   // "tandem: ..."

// `text` with control characters escaped ("\n", "\x1b"), so that a name or a query stays on its line and
// does not command the terminal.
std::string one_line(std::string_view text);

// As the printf() format of a double says, within 63 characters.
std::string number(double value, const char* format = "%.4g");
// "1 picture", "3 pictures".
std::string count_of(std::uint64_t count, const std::string& thing);
// "512 bytes", "1.5 MB".
std::string bytes_of(std::uint64_t bytes);

// Columns padded to their widest cell, two spaces between; the last column is not padded. Cells of the
// other columns are aligned to the right.
std::vector<std::string> table(const std::vector<std::vector<std::string>>& rows);

}  // namespace tandem::cli
