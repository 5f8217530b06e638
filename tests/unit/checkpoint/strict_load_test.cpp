#include "checkpoint/strict_load.h"

#include <gtest/gtest.h>

#include "safetensors_bytes.h"
#include "support/expect_error.h"
#include "support/memory_files.h"

namespace tandem::checkpoint {
namespace {

Weights weights_of(const std::vector<Stored>& tensors) {
  MemoryFiles files;
  files.set("m/model.safetensors", file_of(tensors));
  return Weights::open("m", files);
}

TEST(CheckStrictly, AcceptsExactlyWhatIsWanted) {
  const Weights weights = weights_of({{"a", "I8", "[2,1]", "xy"},
                                      {"a.scale", "F32", "[2]", bytes_of({1, 1})},
                                      {"text.position_ids", "I64", "[1]", "12345678"}});
  const std::vector<std::string> ignored = {"*.position_ids"};
  const std::vector<WantedTensor> wanted = {{"a", {2, 1}}};
  EXPECT_NO_THROW(check_strictly(weights, wanted, ignored));
  expect_error(ErrorCode::kBadFormat, "1 unused (\"text.position_ids\")",
               [&] { check_strictly(weights, wanted); });
}

TEST(CheckStrictly, AcceptsNothingForNothing) { EXPECT_NO_THROW(check_strictly(weights_of({}), {})); }

TEST(CheckStrictly, ReportsEverythingAtOnce) {
  const Weights weights =
      weights_of({{"a", "U8", "[2]", "xy"}, {"b", "U8", "[1]", "x"}, {"c", "U8", "[1]", "x"}});
  const std::vector<WantedTensor> wanted = {{"a", {1, 2}}, {"b", {1}}, {"d", {1}}};
  expect_error(ErrorCode::kBadFormat,
               "m: the weights do not fit the model: 1 missing (d); 1 unused (\"c\"); "
               "1 misshapen (a: found [2], wanted [1, 2])",
               [&] { check_strictly(weights, wanted); });
}

TEST(CheckStrictly, ListsTheFirstTenAndCountsAll) {
  std::vector<WantedTensor> wanted;
  for (char name = 'a'; name <= 'q'; ++name) wanted.push_back({std::string(1, name), {1}});
  expect_error(ErrorCode::kBadFormat, "17 missing (a, b, c, d, e, f, g, h, i, j, ...)",
               [&] { check_strictly(weights_of({}), wanted); });
}

TEST(CheckStrictly, PatternsMatchWholeNames) {
  const auto unused = [](const std::string& name, const std::string& pattern) {
    const std::vector<std::string> ignored = {pattern};
    try {
      check_strictly(weights_of({{name, "U8", "[1]", "x"}}), {}, ignored);
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  EXPECT_FALSE(unused("a.position_ids", "*.position_ids"));
  EXPECT_FALSE(unused("a.b.position_ids", "a.*"));
  EXPECT_FALSE(unused("layers.3.bias", "layers.*.bias"));
  EXPECT_FALSE(unused("same", "same"));
  EXPECT_FALSE(unused("anything", "*"));
  EXPECT_TRUE(unused("position_ids", "*.position_ids"));
  EXPECT_TRUE(unused("a.position_ids.x", "*.position_ids"));
  EXPECT_TRUE(unused("same.not", "same"));
  EXPECT_TRUE(unused("abc", "a*x*c"));
}

}  // namespace
}  // namespace tandem::checkpoint
