#include "tandem/memory.h"

#include <gtest/gtest.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cstdlib>
#include <vector>

namespace tandem {
namespace {

TEST(Memory, IsKeptWhenItIsFreed) {
#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "only glibc's allocator is told to keep memory, and a sanitizer has its own";
#else
  keep_freed_memory();
  std::vector<void*> blocks;
  for (int i = 0; i < 20; ++i) blocks.push_back(std::malloc(4 << 20));
  for (void* block : blocks) {
    ASSERT_NE(block, nullptr);
    std::free(block);
  }
  EXPECT_GE(mallinfo2().fordblks, std::size_t{80} << 20);
#endif
}

}  // namespace
}  // namespace tandem
