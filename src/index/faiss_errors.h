// What FAISS throws, as errors of ours.
//
// Free functions.
#pragma once

#include <exception>
#include <new>
#include <string>

#include "core/fail.h"

namespace tandem::index {

// FAISS messages begin with the function and the file that threw, and may have several lines.
inline std::string first_line(const std::exception& error) {
  std::string text = error.what();
  if (const auto at = text.rfind("Error: "); at != std::string::npos) text.erase(0, at);
  return text.substr(0, text.find('\n'));
}

// Runs `work`, turning what FAISS throws into an Error that begins with `where`.
template <typename Work>
auto translated(ErrorCode code, const std::string& where, Work work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::kBackend, "{}: out of memory", where);
  } catch (const std::exception& error) {
    fail(code, "{}: FAISS says: {}", where, first_line(error));
  }
}

}  // namespace tandem::index
