// What the fuzz targets share.
//
// A target is one function that takes any bytes and hands them to one of the library's readers. Whatever the
// bytes are, a reader gives a value or throws an Error whose message is one line of text; another exception,
// a failed require() or a finding of a sanitizer ends the program, and that is what libFuzzer looks for.
//
// For one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/utf8.h"
#include "tandem/error.h"

// Returns 0, as libFuzzer wants it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tandem::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Runs `read`; whether it came to its end without an Error.
template <typename Read>
bool accepts(Read read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    const std::string_view message = error.what();
    require(!message.empty() && message.find_first_of("\n\r") == std::string_view::npos,
            "a message is one line");
    require(!first_invalid_utf8(message), "a message is UTF-8");
    return false;
  }
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// The files that an input stands for: it is cut at the first `count` - 1 lines "%%"; those that are not there
// are empty.
inline std::vector<std::string> cut_into_files(std::string_view input, std::size_t count) {
  constexpr std::string_view kLine = "\n%%\n";
  std::vector<std::string> files(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t end = i + 1 < count ? input.find(kLine) : std::string_view::npos;
    files[i] = input.substr(0, end);
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + kLine.size());
  }
  return files;
}

}  // namespace tandem::fuzz
