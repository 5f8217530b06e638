// One file read from many threads; the thread sanitizer looks on where it is built in.
#include <gtest/gtest.h>

#include <thread>

#include "region_bytes.h"

namespace tandem::regions {
namespace {

std::vector<float> values(const Regions& regions) {
  std::vector<float> all(regions.boxes.data(), regions.boxes.data() + regions.boxes.size());
  all.insert(all.end(), regions.features.data(), regions.features.data() + regions.features.size());
  return all;
}

TEST(RegionFiles, ManyThreadsReadTheSame) {
  const auto data = std::filesystem::path(TANDEM_TEST_DATA) / "regions";
  for (const char* name :
       {"104.npz", "many.tsv", "many_oscar_intkeys.pt", "many_oscar_strkeys_old.pt", "one_m3p.pt"}) {
    const auto file = RegionFile::open(data / name);
    std::vector<std::vector<float>> wanted;
    for (const std::string& id : file->ids()) wanted.push_back(values(file->read(id)));
    std::vector<std::thread> threads;
    std::vector<int> different(4, 0);
    for (int& count : different) {
      threads.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          for (std::size_t i = 0; i < wanted.size(); ++i) {
            const std::string& id = file->ids()[i];
            count += values(file->read(id)) != wanted[i] || file->content_hash(id) != file->content_hash(id);
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(different, std::vector<int>(4, 0)) << name;
  }
}

}  // namespace
}  // namespace tandem::regions
