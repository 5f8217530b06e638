// Saying more precisely where an Error happened.
//
// Thread-safe: a free function.
#pragma once

#include <string>

#include "core/fail.h"

namespace tandem {

// Runs `body` and returns what it returns; the messages of its Errors begin with `place`.
template <typename Body>
auto at_place(const std::string& place, Body body) {
  try {
    return body();
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", place, error.what());
  }
}

}  // namespace tandem
