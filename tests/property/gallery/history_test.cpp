#include "property/gallery/history.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tandem {
namespace {

class HistoryTest : public ::testing::TestWithParam<const char*> {};

// TANDEM_PROPERTY_ROUNDS sets how many histories, TANDEM_PROPERTY_SEED where they begin.
TEST_P(HistoryTest, AGalleryAnswersAsAPlainModelInMemory) {
  const auto number = [](const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
  };
  const int first = number("TANDEM_PROPERTY_SEED", 1);
  const int rounds = number("TANDEM_PROPERTY_ROUNDS", 10);
  for (int seed = first; seed < first + rounds; ++seed) {
    const History history = random_history(static_cast<std::uint32_t>(seed), 80);
    if (!first_difference(history, GetParam())) continue;
    std::string events;
    const History least = shrunk(history, GetParam());
    for (const Event& event : least) events += event.text() + "\n";
    FAIL() << "seed " << seed << ", in short:\n" << events << *first_difference(least, GetParam());
  }
}

std::string name_of(const ::testing::TestParamInfo<const char*>& test) {
  const std::string spec = test.param;
  return spec.substr(0, spec.find(','));
}

INSTANTIATE_TEST_SUITE_P(Indexes, HistoryTest, ::testing::Values("exact", "HNSW16", "IVF4,Flat"), name_of);

}  // namespace
}  // namespace tandem
