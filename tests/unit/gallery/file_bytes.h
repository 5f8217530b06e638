// Files of a gallery as bytes, to damage them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

#include "core/file_system.h"

namespace tandem {

inline std::vector<std::byte> read_file(const std::filesystem::path& path) {
  return FileSystem::system().read(path, 1 << 26);
}

inline void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace tandem
