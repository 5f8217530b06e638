// Files of PyTorch for tests: those that torch.save wrote, and the older format made here around any pickle.
#pragma once

#include <string>

#include "checkpoint/torch_file.h"
#include "support/memory_files.h"

namespace tandem::checkpoint {

inline std::filesystem::path torch_files() { return std::filesystem::path(TANDEM_TEST_DATA) / "torch-files"; }

inline std::string bytes_of_file(const std::filesystem::path& path) {
  const auto bytes = FileSystem::system().read(path, 1 << 20);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What stands before the pickle of the object: magic number, protocol, system.
inline const std::string kBefore =
    std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.", 25);

// The older format: `pickle` is the object without STOP; `keys` and `storages` what comes behind it.
inline std::string old_file(const std::string& pickle, const std::string& keys = "]",
                            const std::string& storages = "") {
  return kBefore + pickle + "." + keys + "." + storages;
}

inline PickleValue read_bytes(const std::string& bytes) {
  MemoryFiles files;
  files.set("f.pt", bytes);
  return read_torch_file("f.pt", files);
}

inline PickleValue read_pickled(const std::string& pickle) { return read_bytes(old_file(pickle)); }

}  // namespace tandem::checkpoint
