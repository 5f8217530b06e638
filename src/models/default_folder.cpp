// Where the model that ships with the library lies.
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "core/fail.h"
#include "tandem/model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

// Of the shared library, or of the program where the library is linked into it.
fs::path own_file() {
  Dl_info info;
  if (::dladdr(reinterpret_cast<const void*>(&default_model_folder), &info) == 0 ||
      info.dli_fname == nullptr) {
    return {};
  }
  std::error_code ignored;
  return fs::weakly_canonical(info.dli_fname, ignored);
}

}  // namespace

fs::path default_model_folder() {
  if (const char* named = std::getenv("TANDEM_MODEL"); named != nullptr && *named != '\0') return named;
  // PREFIX/lib/libtandem.so or PREFIX/lib/ARCH/libtandem.so, and PREFIX/share/tandem/models/default.
  const fs::path folder = own_file().parent_path();
  std::string places;
  for (const fs::path& prefix : {folder.parent_path(), folder.parent_path().parent_path()}) {
    const fs::path candidate = prefix / "share" / "tandem" / "models" / "default";
    std::error_code ignored;
    if (fs::exists(candidate / "config.json", ignored)) return candidate;
    places += (places.empty() ? "" : ", ") + candidate.string();
  }
  fail(ErrorCode::kNotFound,
       "the model that ships with the library is not there (looked at {}); name a model "
       "folder, or set TANDEM_MODEL",
       places);
}

}  // namespace tandem
