// Feeds the files of folders to a fuzz target, each once: what stands for libFuzzer where it is not linked.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "fuzz.h"

namespace fs = std::filesystem;

int main(int argc, char** argv) {
  std::set<fs::path> inputs;
  for (int i = 1; i < argc; ++i) {
    if (!fs::is_directory(argv[i])) {
      inputs.insert(argv[i]);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(argv[i])) inputs.insert(entry.path());
  }
  for (const fs::path& input : inputs) {
    std::fprintf(stderr, "%s\n", input.c_str());
    std::ifstream file(input, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    if (!file.good() && !file.eof()) return EXIT_FAILURE;
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  std::fprintf(stderr, "%zu inputs\n", inputs.size());
  return inputs.empty() ? EXIT_FAILURE : EXIT_SUCCESS;
}
