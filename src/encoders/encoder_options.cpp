#include "core/fail.h"
#include "tandem/encoders.h"

namespace tandem {

void EncoderOptions::validate() const {
  if (batch_size == 0) {
    fail(ErrorCode::kInvalidArgument, "batch_size is 0: give at least 1; 16 is the default");
  }
}

}  // namespace tandem
