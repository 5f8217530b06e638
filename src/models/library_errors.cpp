#include "models/library_errors.h"

namespace tandem::models {

bool tells_of_no_memory(std::string_view message) {
  return message.find("DefaultCPUAllocator") != message.npos;
}

void fail_without_memory(const std::string& place) {
  fail(ErrorCode::kBackend,
       "{}: out of memory; lower the batch size, close other programs or take a smaller model", place);
}

}  // namespace tandem::models
