#include "models/library_errors.h"

#include <c10/util/Logging.h>

namespace tandem::models {

void let_libtorch_throw() {
  // LibTorch's own switch, found on in its CPU build: there the lack of memory ends the process.
  [[maybe_unused]] static const bool done = [] {
    FLAGS_caffe2_use_fatal_for_enforce = false;
    return true;
  }();
}

void fail_without_memory(const std::string& place) {
  fail(ErrorCode::kBackend,
       "{}: out of memory; lower the batch size, close other programs or take a smaller model", place);
}

}  // namespace tandem::models
