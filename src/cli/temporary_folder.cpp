#include "cli/temporary_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tandem/error.h"

namespace tandem::cli {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() : path_(create()), tidy_up_([path = path_] { remove(path); }) {}

fs::path TemporaryFolder::create() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  std::string name = (error ? fs::path("/tmp") : parent) / "tandem-XXXXXX";
  if (::mkdtemp(name.data()) != nullptr) return name;
  throw Error(ErrorCode::kBackend, name + ": cannot create a folder: " + std::strerror(errno) +
                                       "; name another place by TMPDIR, or a folder that is kept");
}

void TemporaryFolder::remove(const fs::path& path) noexcept {
  // Another thread may still be writing into it: what comes after the first round goes in the second.
  for (int round = 0; round < 2; ++round) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
}

}  // namespace tandem::cli
