#include <gtest/gtest.h>

#include "checkpoint/safetensors_index.h"
#include "safetensors_bytes.h"
#include "support/expect_error.h"
#include "support/memory_files.h"
#include "torch_bytes.h"

namespace tandem::checkpoint {
namespace {

const std::string kA = file_of({{"a", "F32", "[2]", bytes_of({1, 2})}});
const std::string kB = file_of({{"b", "F32", "[1]", bytes_of({3})}});

MemoryFiles sharded(const std::string& weight_map) {
  MemoryFiles files;
  files.set("m/model.safetensors.index.json",
            R"({"metadata":{"total_size":12},"weight_map":)" + weight_map + "}");
  files.set("m/one.safetensors", kA);
  files.set("m/two.safetensors", kB);
  return files;
}

std::vector<float> values_of(const Weights& weights, const std::string& name) {
  std::vector<float> values(weights.find(name)->count());
  weights.read(name, values);
  return values;
}

TEST(Weights, OneFileAndShardsReadAlike) {
  MemoryFiles single;
  single.set("m/model.safetensors",
             file_of({{"a", "F32", "[2]", bytes_of({1, 2})}, {"b", "F32", "[1]", bytes_of({3})}}));
  MemoryFiles shards = sharded(R"({"a":"one.safetensors","b":"two.safetensors"})");
  for (const MemoryFiles* files : {&single, &shards}) {
    const Weights weights = Weights::open("m", *files);
    EXPECT_EQ(weights.names(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(values_of(weights, "a"), (std::vector<float>{1, 2}));
    EXPECT_EQ(values_of(weights, "b"), (std::vector<float>{3}));
    EXPECT_EQ(weights.find("c"), nullptr);
    expect_error(ErrorCode::kNotFound, "m: has no tensor \"c\"", [&] { weights.read("c", {}); });
  }
}

TEST(Weights, QuantisedTensorsReadAsFloatsAndTheirScalesAreNotListed) {
  MemoryFiles files;
  files.set("m/model.safetensors", file_of({{"q", "I8", "[2,2]", std::string("\x01\xFF\x02\x7F", 4)},
                                            {"q.scale", "F32", "[2]", bytes_of({0.5f, 2})},
                                            {"plain", "I8", "[1]", "\x05"},
                                            {"norm", "F32", "[1]", bytes_of({4})},
                                            {"norm.scale", "F32", "[1]", bytes_of({6})}}));
  const Weights weights = Weights::open("m", files);
  EXPECT_EQ(weights.names(), (std::vector<std::string>{"norm", "norm.scale", "plain", "q"}));
  EXPECT_EQ(values_of(weights, "q"), (std::vector<float>{0.5f, -0.5f, 4, 254}));
  EXPECT_EQ(values_of(weights, "plain"), (std::vector<float>{5}));
  EXPECT_EQ(values_of(weights, "norm"), (std::vector<float>{4}));
}

TEST(Weights, QuantisedTensorsAreReadAsTheyAreStored) {
  MemoryFiles files;
  files.set("m/model.safetensors", file_of({{"q", "I8", "[2,2]", std::string("\x01\xFF\x02\x7F", 4)},
                                            {"q.scale", "F32", "[2]", bytes_of({0.5f, 2})}}));
  const Weights weights = Weights::open("m", files);
  std::vector<std::int8_t> steps(4);
  std::vector<float> scales(2);
  weights.read_int8("q", steps, scales);
  EXPECT_EQ(steps, (std::vector<std::int8_t>{1, -1, 2, 127}));
  EXPECT_EQ(scales, (std::vector<float>{0.5f, 2}));
  expect_error(ErrorCode::kInvalidArgument, "\"q\"", [&] { weights.read_int8("q", steps, {}); });
  weights.release();
  EXPECT_EQ(values_of(weights, "q"), (std::vector<float>{0.5f, -0.5f, 4, 254}));
}

TEST(Weights, ScalesThatDoNotFitNameTheTensor) {
  MemoryFiles files;
  files.set("m/model.safetensors",
            file_of({{"q", "I8", "[2]", "ab"}, {"q.scale", "F32", "[1]", bytes_of({1})}}));
  const Weights weights = Weights::open("m", files);
  expect_error(ErrorCode::kBadFormat, "m/q.scale: found F32 [1]", [&] { values_of(weights, "q"); });
}

TEST(Weights, TheFingerprintIsThatOfTheBytes) {
  const auto fingerprint = [](const std::string& bytes) {
    MemoryFiles files;
    files.set("m/model.safetensors", bytes);
    return Weights::open("m", files).fingerprint();
  };
  EXPECT_EQ(fingerprint(kA), fingerprint(kA));
  std::string other = kA;
  other.back() ^= 1;
  EXPECT_NE(fingerprint(kA), fingerprint(other));
  EXPECT_EQ(fingerprint(kA).size(), 32u);
}

TEST(Weights, PickledFilesAndTheirShardsReadLikeSafetensors) {
  const std::string linear = bytes_of_file(torch_files() / "linear.pt");
  MemoryFiles single;
  single.set("m/pytorch_model.bin", linear);
  MemoryFiles shards;
  shards.set("m/pytorch_model.bin.index.json", R"({"weight_map":{"weight":"one.bin","bias":"one.bin"}})");
  shards.set("m/one.bin", linear);
  const Weights wanted = Weights::open_file(torch_files() / "linear.safetensors", FileSystem::system());
  for (const MemoryFiles* files : {&single, &shards}) {
    const Weights weights = Weights::open("m", *files);
    EXPECT_EQ(weights.names(), (std::vector<std::string>{"bias", "weight"}));
    EXPECT_EQ(values_of(weights, "weight"), values_of(wanted, "weight"));
    EXPECT_EQ(weights.fingerprint(), Weights::open("m", *files).fingerprint());
  }
}

TEST(Weights, APrefixOfAllNamesIsCutOffAndOneOfSomeIsNot) {
  MemoryFiles files;
  files.set("all.safetensors", file_of({{"module.a", "U8", "[1]", "x"}, {"module.b", "U8", "[1]", "y"}}));
  files.set("some.safetensors", file_of({{"a", "U8", "[1]", "x"}, {"module.b", "U8", "[1]", "y"}}));
  EXPECT_EQ(Weights::open_file("all.safetensors", files).names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(Weights::open_file("some.safetensors", files).names(),
            (std::vector<std::string>{"a", "module.b"}));
}

TEST(Weights, SafetensorsBesidePickledOnesAreRead) {
  MemoryFiles files;
  files.set("m/pytorch_model.bin", "\x80\x02");
  files.set("m/model.safetensors", kA);
  EXPECT_EQ(Weights::open("m", files).names().size(), 1u);
}

TEST(Weights, AFolderWithoutWeightsIsNotFound) {
  MemoryFiles files;
  files.set("m/config.json", "{}");
  expect_error(ErrorCode::kNotFound, "m: has no weights; model.safetensors, pytorch_model.bin",
               [&] { Weights::open("m", files); });
  expect_error(ErrorCode::kNotFound, "x: there is no such folder", [&] { Weights::open("x", files); });
}

TEST(WeightsIndex, AShardNameMayNotLeaveTheFolder) {
  for (const char* name :
       {"../one.safetensors", "/one.safetensors", "a/b", "..", "", "a\\\\b", "a\\u0000b"}) {
    const MemoryFiles files = sharded(fmt::format(R"({{"a":"{}"}})", name));
    expect_error(ErrorCode::kBadFormat, "weight_map: \"a\": found ", [&] { Weights::open("m", files); });
  }
}

TEST(WeightsIndex, IsRefusedWhereItIsNotOne) {
  for (const char* map : {"5", "[]", "null"}) {
    const MemoryFiles files = sharded(map);
    expect_error(ErrorCode::kBadFormat, "weight_map: an object", [&] { Weights::open("m", files); });
  }
  const MemoryFiles number = sharded(R"({"a":7})");
  expect_error(ErrorCode::kBadFormat, "\"a\": found 7", [&] { Weights::open("m", number); });
  const MemoryFiles twice = sharded(R"({"a":"one.safetensors","a":"two.safetensors"})");
  expect_error(ErrorCode::kBadFormat, "found \"a\" twice", [&] { Weights::open("m", twice); });
  MemoryFiles list;
  list.set("m/model.safetensors.index.json", "[]");
  expect_error(ErrorCode::kBadFormat, "weight_map: an object", [&] { Weights::open("m", list); });
}

TEST(WeightsIndex, MustAgreeWithItsShards) {
  const MemoryFiles missing_file = sharded(R"({"a":"one.safetensors","b":"three.safetensors"})");
  expect_error(ErrorCode::kNotFound, "three.safetensors", [&] { Weights::open("m", missing_file); });
  const MemoryFiles missing = sharded(R"({"a":"one.safetensors","c":"one.safetensors"})");
  expect_error(ErrorCode::kBadFormat, "m/one.safetensors: \"c\" is missing",
               [&] { Weights::open("m", missing); });
  const MemoryFiles unlisted = sharded(R"({"b":"one.safetensors"})");
  expect_error(ErrorCode::kBadFormat, "m/one.safetensors: has \"a\", which",
               [&] { Weights::open("m", unlisted); });
  const MemoryFiles swapped = sharded(R"({"a":"two.safetensors","b":"one.safetensors"})");
  expect_error(ErrorCode::kBadFormat, "lists in another file", [&] { Weights::open("m", swapped); });
}

}  // namespace
}  // namespace tandem::checkpoint
