// What the measurements share. One thread measures; the library computes with as many as it was told.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <vector>

#include "tandem/error.h"

namespace tandem::bench {

// Seconds of each run: `most` of them, but none is begun after `limit` seconds. Keep in step with peer.py.
template <typename Run>
std::vector<double> time_runs(Run run, std::size_t most, double limit = 10) {
  std::vector<double> seconds;
  while (seconds.size() < most && std::accumulate(seconds.begin(), seconds.end(), 0.0) < limit) {
    const auto start = std::chrono::steady_clock::now();
    run();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return seconds;
}

// All of a file of plain float32, as the peers write it.
inline std::vector<float> read_floats(const std::filesystem::path& path) {
  std::vector<float> values(std::filesystem::file_size(path) / sizeof(float));
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(values.data()),
                 static_cast<std::streamsize>(values.size() * sizeof(float)))) {
    throw Error(ErrorCode::kBackend, path.string() + ": cannot be read");
  }
  return values;
}

}  // namespace tandem::bench
