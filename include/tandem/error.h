// Errors. Every failure that a caller can meet leaves the library as one exception type.
//
// Thread-safe: values only.
#pragma once

#include <stdexcept>
#include <string>

namespace tandem {

// What went wrong, coarse enough to act on. One table (docs/cli.md) maps codes to exit statuses.
enum class ErrorCode {
  kInvalidArgument,  // the caller asked for something that cannot be: mend the call
  kNotFound,         // a file, folder, picture or id that is not there
  kBadFormat,        // a file that is there but is not what it should be
  kVersionTooNew,    // a file written by a later version of the library
  kUnsupported,      // well-formed, but this build or this model cannot do it
  kBackend,          // the system or a library below failed: disk full, out of memory, I/O error
  kBusy,             // another writer holds the gallery
  kCancelled,        // a stop was requested
};

// The message is one line of UTF-8 and names the place, the value found, the value wanted, and the mend.
class Error : public std::runtime_error {
 public:
  // What names in `message` may bring along, control characters and bytes that are not UTF-8, is made
  // printable.
  Error(ErrorCode code, const std::string& message);
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

// "InvalidArgument", "NotFound", ...
const char* to_string(ErrorCode code) noexcept;

// The exit status of the command line for each code: 2, 3, 4, 5, 6, 7, 8, 130 in the order above.
int exit_status(ErrorCode code) noexcept;

}  // namespace tandem
