// What a step made of one picture, or why it could not: one bad picture never ends a run.
#pragma once

#include <new>
#include <string>
#include <type_traits>
#include <variant>

#include "tandem/error.h"

namespace tandem::indexing {

struct Failure {
  ErrorCode code = ErrorCode::kBackend;
  std::string reason;
};

template <typename T>
using Outcome = std::variant<T, Failure>;

// Runs `step`, which returns a T; an Error or the lack of memory becomes a Failure.
template <typename Step>
Outcome<std::invoke_result_t<Step>> attempt(Step step) {
  try {
    return step();
  } catch (const Error& error) {
    return Failure{error.code(), error.what()};
  } catch (const std::bad_alloc&) {
    return Failure{ErrorCode::kBackend, "out of memory; make the picture smaller or lower the batch size"};
  }
}

}  // namespace tandem::indexing
