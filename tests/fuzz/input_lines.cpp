// The command line's files of JSON lines: texts, and pairs of picture and text.
#include <sys/mman.h>
#include <unistd.h>

#include "cli/inputs.h"
#include "fuzz.h"

using namespace tandem;

namespace {

// A file in memory that has a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("input", 0)) {
    const auto size = static_cast<ssize_t>(bytes.size());
    fuzz::require(write(descriptor_, bytes.data(), bytes.size()) == size, "a file in memory takes all bytes");
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(fuzz::as_text(data, size));
  fuzz::accepts([&] {
    for (const Text& text : cli::read_texts_file(file.path())) {
      fuzz::require(!first_invalid_utf8(text.text), "texts are UTF-8");
    }
  });
  fuzz::accepts([&] {
    for (const auto& pair : cli::read_pairs_file(file.path())) {
      fuzz::require(!first_invalid_utf8(pair.image), "paths in JSON are UTF-8");
    }
  });
  return 0;
}
