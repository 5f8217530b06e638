#include "core/own_file.h"

#include <dlfcn.h>

namespace tandem {

std::filesystem::path own_file() {
  Dl_info info;
  const auto* here = reinterpret_cast<const void*>(&own_file);
  if (::dladdr(here, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code ignored;
  return std::filesystem::weakly_canonical(info.dli_fname, ignored);
}

}  // namespace tandem
