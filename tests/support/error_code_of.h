// The code of the Error that a call throws.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "tandem/error.h"

namespace tandem {

// Fails the test, and returns nothing, where `call` throws no Error.
template <typename Call>
std::optional<ErrorCode> error_code_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no Error was thrown";
  return std::nullopt;
}

}  // namespace tandem
