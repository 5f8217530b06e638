// Where the model that ships with the library lies.
#include <cstdlib>
#include <filesystem>

#include "core/fail.h"
#include "core/own_file.h"
#include "tandem/model.h"

namespace tandem {

namespace fs = std::filesystem;

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
