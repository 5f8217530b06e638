// Damaged files: each loads or is refused with an Error, and whatever loads can be read whole.
#include <gtest/gtest.h>

#include <random>

#include "checkpoint/safetensors.h"
#include "safetensors_bytes.h"
#include "support/memory_files.h"
#include "tandem/error.h"

namespace tandem::checkpoint {
namespace {

std::string good_file() {
  const auto bytes = FileSystem::system().read(
      std::filesystem::path(TANDEM_TEST_DATA) / "checkpoint" / "dtypes.safetensors", 1 << 20);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// True if it loads. BadFormat and Unsupported (a damaged dtype) are the only errors that may come.
bool loads(std::string bytes) {
  MemoryFiles files;
  files.set("damaged", std::move(bytes));
  try {
    const SafetensorsFile file = SafetensorsFile::open("damaged", files);
    for (const auto& [name, tensor] : file.tensors()) {
      std::vector<float> values(tensor.count());
      read_f32(tensor, values);
    }
    return true;
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ErrorCode::kBadFormat || error.code() == ErrorCode::kUnsupported)
        << error.what();
    return false;
  }
}

TEST(SafetensorsFuzz, EveryTruncationIsRefused) {
  const std::string good = good_file();
  EXPECT_TRUE(loads(good));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(loads(good.substr(0, size))) << size;
}

TEST(SafetensorsFuzz, FlippedBytesLoadOrAreRefused) {
  const std::string good = good_file();
  std::size_t loaded = 0;
  for (unsigned seed = 0; seed < 10'000; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = good;
    for (auto flips = random() % 4 + 1; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    loaded += loads(std::move(bytes));
  }
  EXPECT_GT(loaded, 0u) << "some flips hit only data";
  EXPECT_LT(loaded, 10'000u);
}

// Digits replaced by digits keep the JSON valid and make the header lie.
TEST(SafetensorsFuzz, ChangedNumbersLoadOrAreRefused) {
  const std::string good = good_file();
  std::vector<std::size_t> digits;
  for (std::size_t i = 8; i < good.size() && good[i] != '\0'; ++i) {
    if (std::isdigit(static_cast<unsigned char>(good[i]))) digits.push_back(i);
  }
  unsigned refused = 0;
  for (unsigned seed = 0; seed < 10'000; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = good;
    for (auto changes = random() % 6 + 1; changes > 0; --changes) {
      bytes[digits[random() % digits.size()]] = static_cast<char>('0' + random() % 10);
    }
    if (!loads(std::move(bytes))) ++refused;
  }
  EXPECT_GT(refused, 5'000u) << "most changes move an offset or a size";
}

}  // namespace
}  // namespace tandem::checkpoint
