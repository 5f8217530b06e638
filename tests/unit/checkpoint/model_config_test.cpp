#include "checkpoint/model_config.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/memory_files.h"

namespace tandem::checkpoint {
namespace {

Config config(std::string_view text) { return Config::parse(text, "config.json"); }

template <typename Call>
void expect_bad(const std::string& message, Call call) {
  expect_error(ErrorCode::kBadFormat, message, call);
}

TEST(Config, ReadsTypedFields) {
  const Config c = config(
      R"({"n":7,"eps":1e-5,"whole":2,"on":true,"act":"gelu","mean":[0.5,1],"sizes":[3,4],"names":[[5],[],[6,7]],
          "none":null})");
  EXPECT_EQ(c.get_int("n"), 7);
  EXPECT_EQ(c.get_float("eps"), 1e-5);
  EXPECT_EQ(c.get_float("whole"), 2.0);
  EXPECT_TRUE(c.get_bool("on"));
  EXPECT_EQ(c.get_string("act"), "gelu");
  EXPECT_EQ(c.get_floats("mean"), (std::vector<double>{0.5, 1}));
  EXPECT_EQ(c.get_ints("sizes"), (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(c.get_int_lists("names"), (std::vector<std::vector<std::int64_t>>{{5}, {}, {6, 7}}));
  EXPECT_TRUE(c.has("n"));
  EXPECT_FALSE(c.has("none")) << "null counts as absent";
  EXPECT_FALSE(c.has("missing"));
}

TEST(Config, AbsentFieldsGetTheirDefault) {
  const Config c = config(R"({"null":null,"n":3})");
  EXPECT_EQ(c.get_int("n", 5), 3);
  EXPECT_EQ(c.get_int("null", 5), 5);
  EXPECT_EQ(c.get_int("x", 0), 0) << "the default itself is not held to the range";
  EXPECT_EQ(c.get_float("x", 0.5), 0.5);
  EXPECT_TRUE(c.get_bool("x", true));
  EXPECT_EQ(c.get_string("x", "gelu"), "gelu");
  EXPECT_FALSE(c.find_object("x").has_value());
}

TEST(Config, ADefaultDoesNotExcuseAWrongType) {
  const Config c = config(R"({"x":[]})");
  expect_bad("x: found [], an integer", [&] { c.get_int("x", 5); });
  expect_bad("x: found [], a number", [&] { c.get_float("x", 5); });
  expect_bad("x: found [], true or false", [&] { c.get_bool("x", true); });
  expect_bad("x: found [], a string", [&] { c.get_string("x", ""); });
  expect_bad("x: found [], an object", [&] { c.find_object("x"); });
}

TEST(Config, ErrorsNameFileAndPathAndFoundAndWanted) {
  const Config c = config(R"({"text_config":{"hidden_size":"abc","deep":{"n":0}}})");
  const Config text = c.get_object("text_config");
  expect_bad("config.json: text_config.hidden_size: found \"abc\", an integer from 1 to 2147483647 is wanted",
             [&] { text.get_int("hidden_size"); });
  expect_bad("config.json: text_config.deep.n: found 0, an integer from 1 to 8 is wanted", [&] {
    text.get_object("deep").get_int("n", {1, 8});
  });
  expect_bad("config.json: text_config.layers: is missing, an integer from 1",
             [&] { text.get_int("layers"); });
  expect_bad("config.json: vision_config: is missing, an object is wanted",
             [&] { c.get_object("vision_config"); });
  expect_bad("config.json: text_config.hidden_size: found \"abc\", a multiple of 11 is wanted",
             [&] { text.reject("hidden_size", "a multiple of 11"); });
}

TEST(Config, IntegersKeepToTheirRange) {
  const Config c = config(R"({"big":3000000000,"huge":18446744073709551615,"more":1e30,"low":-5,"f":2.0})");
  expect_bad("big: found 3000000000", [&] { c.get_int("big"); });
  EXPECT_EQ(c.get_int("big", {0, 4'000'000'000}), 3'000'000'000);
  expect_bad("huge: found 18446744073709551615", [&] {
    c.get_int("huge", {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()});
  });
  expect_bad("more: found 1e+30", [&] { c.get_int("more"); });
  expect_bad("f: found 2.0", [&] { c.get_int("f"); });
  EXPECT_EQ(c.get_int("low", {-5, 0}), -5);
}

TEST(Config, ArraysMustBeOfNumbers) {
  const Config c = config(R"({"a":[1,"2"],"b":5,"e":[]})");
  expect_bad("a: found [1,\"2\"], an array of numbers", [&] { c.get_floats("a"); });
  expect_bad("b: found 5, an array of numbers", [&] { c.get_floats("b"); });
  expect_bad("a: found [1,\"2\"], an array, each an integer", [&] { c.get_ints("a"); });
  EXPECT_TRUE(c.get_floats("e").empty());
}

TEST(Config, ArraysOfArraysMustBeOfIntegers) {
  const Config c = config(R"({"flat":[1],"text":[[1],["2"]],"low":[[0]],"e":[]})");
  for (const char* key : {"flat", "text", "low", "missing"}) {
    expect_bad("an array of arrays, each of these an integer from 1", [&] { c.get_int_lists(key); });
  }
  EXPECT_TRUE(c.get_int_lists("e").empty());
}

TEST(Config, SubObjectsOutliveTheWhole) {
  const Config inner = config(R"({"a":{"b":{"n":4}}})").get_object("a").get_object("b");
  EXPECT_EQ(inner.get_int("n"), 4);
}

TEST(Config, BadTextIsRefused) {
  expect_bad("config.json: not valid JSON at byte", [] { config("{\"a\": 1"); });
  expect_bad("config.json: not valid JSON at byte", [] { config(""); });
  expect_bad("config.json: found [], an object is wanted", [] { config("[]"); });
  expect_bad("config.json: invalid UTF-8 at byte 6", [] { config("{\"a\":\"\xFF\"}"); });
  expect_bad("config.json: found \"a\" twice", [] { config(R"({"a":1,"a":2})"); });
  expect_bad("config.json: nested deeper than 64", [] { config("{\"a\":" + std::string(10'000, '[')); });
  expect_bad("at most 16000000 are accepted", [] { config(std::string(16'000'001, ' ')); });
}

TEST(Config, IsReadFromAFile) {
  MemoryFiles files;
  files.set("m/config.json", R"({"n":0})");
  const Config c = Config::read("m/config.json", files);
  expect_bad("m/config.json: n: found 0", [&] { c.get_int("n"); });
  expect_error(ErrorCode::kNotFound, "m/none.json", [&] { Config::read("m/none.json", files); });
}

}  // namespace
}  // namespace tandem::checkpoint
