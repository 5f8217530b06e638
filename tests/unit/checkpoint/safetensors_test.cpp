#include "checkpoint/safetensors.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "safetensors_bytes.h"
#include "support/expect_error.h"
#include "support/memory_files.h"

namespace tandem::checkpoint {
namespace {

const std::filesystem::path kData = std::filesystem::path(TANDEM_TEST_DATA) / "checkpoint";

SafetensorsFile open_safetensors(std::string bytes) {
  MemoryFiles files;
  files.set("f.safetensors", std::move(bytes));
  return SafetensorsFile::open("f.safetensors", files);
}

void expect_refusal(const std::string& part, std::string bytes, ErrorCode code = ErrorCode::kBadFormat) {
  expect_error(code, "f.safetensors: ", [&] { open_safetensors(bytes); });
  expect_error(code, part, [&] { open_safetensors(std::move(bytes)); });
}

// --- files that are right

TEST(Safetensors, ReadsWhatTheReferenceWrote) {
  FileSystem& files = FileSystem::system();
  const auto text = files.read(kData / "expected.json", 1 << 20);
  const auto expected = nlohmann::json::parse(text);
  const SafetensorsFile file = SafetensorsFile::open(kData / "dtypes.safetensors", files);
  EXPECT_EQ(file.tensors().size(), expected.size());
  for (const auto& [name, wanted] : expected.items()) {
    SCOPED_TRACE(name);
    const TensorView* tensor = file.find(name);
    ASSERT_NE(tensor, nullptr);
    EXPECT_EQ(to_string(tensor->dtype), wanted["dtype"].get<std::string>());
    EXPECT_EQ(tensor->shape, wanted["shape"].get<Shape>());
    ASSERT_EQ(tensor->count(), wanted["bits"].size());
    std::vector<float> values(tensor->count());
    read_f32(*tensor, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto& bits = wanted["bits"][i];
      if (bits.is_null()) {
        EXPECT_TRUE(std::isnan(values[i])) << i;
      } else {
        EXPECT_EQ(std::bit_cast<std::uint32_t>(values[i]), bits.get<std::uint32_t>()) << i;
      }
    }
  }
}

TEST(Safetensors, AFileWithoutTensorsIsEmpty) {
  EXPECT_TRUE(open_safetensors(file_of("{}")).tensors().empty());
  EXPECT_TRUE(open_safetensors(file_of(R"({"__metadata__":{"format":"pt"}}   )")).tensors().empty());
}

TEST(Safetensors, AnUnknownNameIsNull) { EXPECT_EQ(open_safetensors(file_of("{}")).find("a"), nullptr); }

TEST(Safetensors, AViewKeepsTheMappingAlive) {
  TensorView view;
  {
    const SafetensorsFile file = open_safetensors(file_of({{"a", "F32", "[2]", bytes_of({1, 2})}}));
    view = *file.find("a");
  }
  std::vector<float> values(2);
  read_f32(view, values);
  EXPECT_EQ(values, (std::vector<float>{1, 2}));
}

TEST(Safetensors, DataThatIsNotAlignedIsRead) {
  const SafetensorsFile file =
      open_safetensors(file_of({{"b", "BOOL", "[1]", "\1"}, {"a", "F32", "[1]", bytes_of({7})}}));
  std::vector<float> values(1);
  read_f32(*file.find("a"), values);
  EXPECT_EQ(values[0], 7);
}

TEST(Safetensors, EmptyTensorsMayLieAnywhereBetweenOthers) {
  const std::string byte(1, 'x');
  const SafetensorsFile file = open_safetensors(file_of({{"z", "F32", "[0,9]", ""},
                                                         {"a", "U8", "[1]", byte},
                                                         {"y", "U8", "[0]", ""},
                                                         {"b", "I8", "[]", byte}}));
  EXPECT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(file.find("y")->count(), 0u);
  EXPECT_EQ(file.find("b")->count(), 1u);
}

// --- files that lie

TEST(SafetensorsRefusal, AnEmptyFile) { expect_refusal("has 0 bytes, at least 8 are wanted", ""); }

TEST(SafetensorsRefusal, AHeaderLengthBeyondTheFile) {
  expect_refusal("the header has 3 bytes by its length, at most 2", little_endian(3) + "{}");
  expect_refusal("18446744073709551615 bytes by its length", little_endian(~std::uint64_t{0}) + "{}");
}

TEST(SafetensorsRefusal, AHugeHeader) {
  std::string header(100'000'001, ' ');
  header.front() = '{';
  header.back() = '}';
  expect_refusal("at most 100000000 are possible", file_of(header));
}

TEST(SafetensorsRefusal, AHeaderThatIsNotJson) {
  expect_refusal("header: not valid JSON at byte", file_of("{\"a\":"));
  expect_refusal("header: not valid JSON at byte", file_of(""));
  expect_refusal("header: not valid JSON at byte", file_of("{} x"));
  expect_refusal("header: found [], an object is wanted", file_of("[]"));
}

TEST(SafetensorsRefusal, AHeaderNestedTenThousandDeep) {
  expect_refusal("nested deeper than", file_of(std::string(10'000, '[')));
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += R"({"a":)";
  expect_refusal("nested deeper than", file_of(objects));
}

TEST(SafetensorsRefusal, AHeaderWithInvalidUtf8) {
  expect_refusal("header: invalid UTF-8 at byte 2", file_of("{\"\xFF\":1}"));
}

TEST(SafetensorsRefusal, ADuplicateName) {
  const char* entry = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  expect_refusal("found \"a\" twice", file_of(fmt::format("{{{},{}}}", entry, entry), "x"));
  expect_refusal("found \"dtype\" twice",
                 file_of(R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", "x"));
}

TEST(SafetensorsRefusal, MetadataThatIsNotOfStrings) {
  expect_refusal("__metadata__: an object of strings", file_of(R"({"__metadata__":{"a":1}})"));
  expect_refusal("__metadata__: an object of strings", file_of(R"({"__metadata__":"pt"})"));
}

TEST(SafetensorsRefusal, AnEntryThatIsNotAnObject) {
  expect_refusal("\"a\": the entry: found 5, an object", file_of(R"({"a":5})"));
}

TEST(SafetensorsRefusal, AMissingField) {
  expect_refusal("\"a\": dtype is missing", file_of(R"({"a":{"shape":[],"data_offsets":[0,0]}})"));
  expect_refusal("\"a\": shape is missing", file_of(R"({"a":{"dtype":"U8","data_offsets":[0,0]}})"));
  expect_refusal("\"a\": data_offsets is missing", file_of(R"({"a":{"dtype":"U8","shape":[0]}})"));
}

TEST(SafetensorsRefusal, AnUnknownDtypeIsUnsupported) {
  expect_refusal("\"a\": dtype: found \"F8_E4M3\", one of F64",
                 file_of(R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", "x"),
                 ErrorCode::kUnsupported);
  expect_refusal("\"a\": dtype: found 5",
                 file_of(R"({"a":{"dtype":5,"shape":[1],"data_offsets":[0,1]}})", "x"));
}

std::string with_shape(const std::string& shape) {
  return file_of(fmt::format(R"({{"a":{{"dtype":"F32","shape":{},"data_offsets":[0,4]}}}})", shape), "1234");
}

TEST(SafetensorsRefusal, AShapeThatIsNone) {
  for (const char* shape : {"[-1]", "[1.0]", "[\"1\"]", "1", "null", "[[1]]", "[9223372036854775808]",
                            "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"}) {
    expect_refusal("\"a\": shape: found ", with_shape(shape));
  }
}

TEST(SafetensorsRefusal, AShapeWhoseProductOverflows) {
  // 2^62 × 4 bytes is 0 in 64 bits, and so is 2^32 × 2^32.
  expect_refusal("\"a\": shape: found [4611686018427387904]", with_shape("[4611686018427387904]"));
  expect_refusal("a size that a file can have", with_shape("[4294967296,4294967296]"));
}

TEST(SafetensorsRefusal, AShapeThatIsNotTheSize) {
  expect_refusal("\"a\": data_offsets: found 4 bytes, F32 [2] has 8", with_shape("[2]"));
  expect_refusal("\"a\": data_offsets: found 4 bytes, F32 [0] has 0", with_shape("[0]"));
}

std::string with_offsets(const std::string& offsets) {
  return file_of(fmt::format(R"({{"a":{{"dtype":"U8","shape":[4],"data_offsets":{}}}}})", offsets), "1234");
}

TEST(SafetensorsRefusal, OffsetsThatAreNone) {
  for (const char* offsets :
       {"[0]", "[0,4,8]", "[-4,0]", "[0.0,4.0]", "{}", "\"0,4\"", "[0,18446744073709551616]"}) {
    expect_refusal("a pair of offsets", with_offsets(offsets));
  }
}

TEST(SafetensorsRefusal, OffsetsOutOfRange) {
  for (const char* offsets : {"[1,5]", "[4,0]", "[18446744073709551612,18446744073709551615]", "[100,104]"}) {
    expect_refusal("a range within the 4 bytes of data", with_offsets(offsets));
  }
}

std::string two_tensors(int begin, int end) {
  return file_of(fmt::format(R"({{"a":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}},)"
                             R"("b":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}}}})",
                             end - begin, begin, end),
                 "12345678");
}

TEST(SafetensorsRefusal, OverlappingTensors) {
  EXPECT_EQ(open_safetensors(two_tensors(4, 8)).tensors().size(), 2u);
  expect_refusal("\"b\" begins at byte 3 of the data, 4 is wanted: it overlaps", two_tensors(3, 8));
  expect_refusal("it overlaps", two_tensors(0, 8));
  expect_refusal("it overlaps", two_tensors(0, 4));
}

TEST(SafetensorsRefusal, AHoleBetweenTensors) {
  expect_refusal("\"b\" begins at byte 5 of the data, 4 is wanted: the bytes between", two_tensors(5, 8));
}

TEST(SafetensorsRefusal, TrailingBytes) {
  expect_refusal("has 1 bytes after the last tensor", two_tensors(4, 7));
  expect_refusal("has 3 bytes after the last tensor", file_of("{}", "abc"));
}

TEST(SafetensorsRefusal, ANameWithANewlineStaysOnOneLine) {
  expect_refusal("\"a\\n", file_of("{\"a\\n" + std::string(1000, 'x') + "\":5}"));
}

TEST(SafetensorsRefusal, AMissingFileAndAFolder) {
  FileSystem& files = FileSystem::system();
  expect_error(ErrorCode::kNotFound, "nowhere", [&] { SafetensorsFile::open(kData / "nowhere", files); });
  expect_error(ErrorCode::kInvalidArgument, "is a folder", [&] { SafetensorsFile::open(kData, files); });
}

}  // namespace
}  // namespace tandem::checkpoint
