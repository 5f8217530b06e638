// A picture for which memory runs out is a Backend error, and not a corrupt picture.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "reference_data.h"
#include "tandem/image.h"

namespace tandem::image {
namespace {

// The address space that the process has now, in bytes.
rlim_t address_space() {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * 4096;
}

// Ends the process: with 0 where decoding failed for lack of memory.
[[noreturn]] void decode_with_little_memory(const std::vector<std::byte>& data) {
  const rlim_t allowed = address_space() + (rlim_t{300} << 20);
  const rlimit bound{allowed, allowed};
  if (::setrlimit(RLIMIT_AS, &bound) != 0) std::_Exit(3);
  const Failure failure =
      failure_of([&] { decode_image(data, "photo", {.max_pixels = std::size_t{1} << 30}); });
  std::fprintf(stderr, "%s\n", failure.message.c_str());
  std::_Exit(failure.code == ErrorCode::kBackend ? 0 : 4);
}

class OutOfMemory : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer needs more address space than the limit leaves";
#endif
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
};

// `bytes` with `other` in the place that begins at `at`.
std::vector<std::byte> with_bytes_at(std::vector<std::byte> bytes, std::size_t at, std::string_view other) {
  std::ranges::copy(std::as_bytes(std::span(other)), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return bytes;
}

TEST_F(OutOfMemory, EndsAJpegOf196Megapixels) {
  const auto small = read_bytes(test_data() / "images-kinds/8x8.jpg");
  const auto frame = std::as_bytes(std::span("\xFF\xC0", 2));
  const auto at = std::search(small.begin(), small.end(), frame.begin(), frame.end()) - small.begin();
  const auto data = with_bytes_at(small, static_cast<std::size_t>(at) + 5, "\x36\xB0\x36\xB0");
  EXPECT_EXIT(decode_with_little_memory(data), ::testing::ExitedWithCode(0), "photo: out of memory");
}

TEST_F(OutOfMemory, EndsAPngOf200Megapixels) {
  const auto data = read_bytes(test_data() / "images-bad/bomb_200_megapixels.png");
  EXPECT_EXIT(decode_with_little_memory(data), ::testing::ExitedWithCode(0), "photo: out of memory");
}

TEST_F(OutOfMemory, EndsAWebpOf268Megapixels) {
  const auto small = read_bytes(test_data() / "images-kinds/lossless.webp");
  const auto data = with_bytes_at(small, 21, "\xFF\xFF\xFF\x0F");
  EXPECT_EXIT(decode_with_little_memory(data), ::testing::ExitedWithCode(0), "photo: out of memory");
}

}  // namespace
}  // namespace tandem::image
