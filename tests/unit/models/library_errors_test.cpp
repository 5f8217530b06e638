#include "models/library_errors.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <stdexcept>
#include <vector>

#include "support/expect_error.h"

namespace tandem::models {
namespace {

TEST(LibraryErrors, WhatIsReturnedPasses) {
  EXPECT_EQ(with_typed_errors("model", [] { return 17; }), 17);
}

TEST(LibraryErrors, AnErrorPassesAsItIs) {
  expect_error(ErrorCode::kUnsupported, "no matching head",
               [] { with_typed_errors("model", [] { fail(ErrorCode::kUnsupported, "no matching head"); }); });
}

TEST(LibraryErrors, ATensorThatNoMachineCanHoldIsOutOfMemory) {
  expect_error(ErrorCode::kBackend, {"model: out of memory", "batch size"}, [] {
    with_typed_errors("model", [] { return at::empty({std::int64_t{1} << 50}, at::kFloat); });
  });
}

TEST(LibraryErrors, AVectorThatNoMachineCanHoldIsOutOfMemory) {
  expect_error(ErrorCode::kBackend, "model: out of memory", [] {
    with_typed_errors("model", [] { return std::vector<float>(std::size_t{1} << 50).size(); });
  });
}

TEST(LibraryErrors, AShapeThatDoesNotFitIsLibTorchsOwnSentence) {
  expect_error(ErrorCode::kBackend, "model: LibTorch: ", [] {
    with_typed_errors("model", [] { return at::mm(at::ones({2, 3}), at::ones({2, 3})); });
  });
}

TEST(LibraryErrors, OtherExceptionsAreBackendErrors) {
  expect_error(ErrorCode::kBackend, "model: could not execute a primitive", [] {
    with_typed_errors("model", [] { throw std::runtime_error("could not execute a primitive"); });
  });
}

}  // namespace
}  // namespace tandem::models
