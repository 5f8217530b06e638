#include "nn/call_operator.h"

#include <ATen/core/dispatch/Dispatcher.h>

namespace tandem::nn {

at::Tensor call_operator(const char* name, std::vector<c10::IValue> arguments) {
  c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(&arguments);
  return arguments.front().toTensor();
}

}  // namespace tandem::nn
