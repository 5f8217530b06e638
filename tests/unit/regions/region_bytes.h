// Region files for tests: the odd ones of tests/golden/make/region_files.py, and lines of a .tsv.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "regions/formats.h"
#include "support/memory_files.h"

namespace tandem::regions {

inline std::filesystem::path odd_files() { return std::filesystem::path(TANDEM_TEST_DATA) / "regions-odd"; }

inline std::string bytes_of_file(const std::filesystem::path& path) {
  const auto bytes = FileSystem::system().read(path, 1 << 20);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::shared_ptr<const RegionFile> open_bytes(const std::string& name, const std::string& bytes,
                                                    const RegionLimits& limits = {}) {
  MemoryFiles files;
  files.set(name, bytes);
  return open_file(name, limits, files);
}

inline std::string base64(const std::vector<float>& values) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes(values.size() * sizeof(float), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) {
      return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0u;
    };
    const unsigned bits = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    for (unsigned k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * k) & 63];
  }
  return text;
}

// A line of a .tsv: one region unless told otherwise; pictures are 60 × 50 large.
struct Line {
  std::string id = "a";
  std::string width = "60";
  std::string height = "50";
  std::string count = "1";
  std::string boxes = base64({1, 2, 30, 40});
  std::string features = base64({0.5f, 1.5f, 2.5f});

  std::string text() const {
    return id + '\t' + width + '\t' + height + '\t' + count + '\t' + boxes + '\t' + features + '\n';
  }
};

}  // namespace tandem::regions
