#include "checkpoint/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/expect_error.h"

namespace tandem::checkpoint {
namespace {

TEST(ParseJson, TheSameKeyInDifferentObjectsIsFine) {
  const auto value = parse_json(R"([{"a":1},{"a":{"a":[{"a":2},{"a":3}]},"b":4}])", "f", 8);
  EXPECT_EQ(value[1]["a"]["a"][1]["a"], 3);
}

TEST(ParseJson, ADuplicateKeyIsSeenAtAnyDepth) {
  expect_error(ErrorCode::kBadFormat, "f: found \"a\" twice",
               [] { parse_json(R"({"x":[{"b":{"c":1},"a":1,"a":2}]})", "f", 8); });
}

TEST(ParseJson, TheDepthIsBounded) {
  EXPECT_NO_THROW(parse_json("[[[1]]]", "f", 3));
  expect_error(ErrorCode::kBadFormat, "f: nested deeper than 3", [] { parse_json("[[[[1]]]]", "f", 3); });
  expect_error(ErrorCode::kBadFormat, "f: nested deeper than 3",
               [] { parse_json(R"({"a":{"a":{"a":{}}}})", "f", 3); });
}

TEST(ParseJson, ANumberOutOfRangeIsRefused) {
  expect_error(ErrorCode::kBadFormat, "f: has a number that is out of range",
               [] { parse_json("[1e999]", "f", 3); });
}

TEST(Shown, IsOneShortLine) {
  EXPECT_EQ(shown(std::string("a\nb\"é")), "\"a\\nb\\\"\\u00e9\"");
  EXPECT_LT(shown(std::string(100'000, 'x')).size(), 100u);
  EXPECT_EQ(shown(nlohmann::json::object()), "an object");
  EXPECT_EQ(shown(nlohmann::json::array({1, 2})), "[1,2]");
  EXPECT_EQ(shown(nlohmann::json(std::vector<int>(1000))), "an array of 1000");
}

}  // namespace
}  // namespace tandem::checkpoint
