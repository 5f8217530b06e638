// What LibTorch and the libraries below it throw, as Errors.
//
// Thread-safe: free functions.
#pragma once

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "core/fail.h"

namespace tandem::models {

// LibTorch has no type of its own for the lack of memory, but one allocator for the memory of every tensor.
bool tells_of_no_memory(std::string_view message);

[[noreturn]] void fail_without_memory(const std::string& place);

// Runs `body` and returns what it returns. The lack of memory and other failures of the libraries below
// are Backend errors that begin with `place`; Errors pass.
template <typename Body>
auto with_typed_errors(const std::string& place, Body body) {
  try {
    return body();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    fail_without_memory(place);
  } catch (const c10::Error& error) {
    const std::string_view message = error.what_without_backtrace();
    if (tells_of_no_memory(message)) fail_without_memory(place);
    fail(ErrorCode::kBackend, "{}: LibTorch: {}", place, message);
  } catch (const std::exception& error) {
    fail(ErrorCode::kBackend, "{}: {}", place, error.what());
  }
}

}  // namespace tandem::models
