// Streams that no library writes. Instructions are spelt as bytes; pickletools' names stand beside them.
#include "checkpoint/pickle_reader.h"

#include <gtest/gtest.h>

#include "checkpoint/safetensors_index.h"
#include "support/expect_error.h"
#include "torch_bytes.h"

namespace tandem::checkpoint {
namespace {

using std::string_literals::operator""s;

void expect_bad_pickle(const std::string& pickle, const char* words) {
  expect_error(ErrorCode::kBadFormat, {"f.pt: pickle, byte ", words}, [&] { read_pickled(pickle); });
}

void expect_refused(const std::string& pickle, const char* words) {
  expect_error(ErrorCode::kUnsupported, {"f.pt: pickle, byte ", words}, [&] { read_pickled(pickle); });
}

const std::string kStorage = "ctorch\nFloatStorage\n"s;

// A tensor of a storage "0" of `count` floats, as _rebuild_tensor_v2 with these arguments.
std::string tensor(const std::string& count, const std::string& offset_shape_strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storage" + kStorage +
         "U\x01"
         "0U\x03"
         "cpu" +
         count + "tQ" + offset_shape_strides + "\x89Ntr\x01\0\0\0R"s;
}

TEST(PickleReader, NamesOfFunctionsAreRefusedHoweverTheyAreSpelt) {
  expect_refused("cos\nsystem\nU\x04exit\x85R", "os.system");  // GLOBAL, REDUCE
  expect_refused(
      "(U\x04"
      "exitios\nsystem\n",
      "os.system");                                             // INST
  expect_refused("\x8c\x02os\x8c\x06system\x93", "os.system");  // STACK_GLOBAL
  expect_refused("cbuiltins\neval\n", "builtins.eval");
  expect_refused("cbuiltins\ngetattr\n", "builtins.getattr");
  expect_refused("ctorch\nload\n", "torch.load");
  expect_refused("cnumpy.core.multiarray\n_reconstruct.__class__\n", "_reconstruct.__class__");
  expect_refused("c\nbuiltins.dict.fromkeys\n", "fromkeys");
  expect_refused("\x82\x01", "the instruction 0x82");  // EXT1
  expect_refused("(cos\nsystem\no", "os.system");      // OBJ
  expect_refused("\x97", "the instruction 0x97");      // NEXT_BUFFER
}

TEST(PickleReader, KnownNamesAreCalledForPlainDataOnly) {
  expect_refused("cnumpy\nndarray\n)\x81", "calls numpy.ndarray");  // NEWOBJ
  expect_refused("cbuiltins\nint\n(K\x01tR", "calls builtins.int");
  expect_bad_pickle("K\x01)R", "something to call");
  expect_bad_pickle("ccollections\nOrderedDict\nK\x01R", "a tuple of arguments");
  expect_bad_pickle(
      "ccollections\nOrderedDict\n]K\x01"
      "a\x85R",
      "a pair is wanted");
  expect_refused("]}b", "sets attributes of a list");  // BUILD
  expect_refused("c_codecs\nencode\nX\x01\0\0\0aX\x05\0\0\0utf-8\x86R"s, "latin1 is wanted");
  expect_bad_pickle("c_codecs\nencode\nX\x03\0\0\0\xe2\x82\xacX\x06\0\0\0latin1\x86R"s,
                    "characters that are none");
  expect_bad_pickle("K\x01Q", "a tuple that names a storage");  // BINPERSID
}

// An object of a class of TorchScript with the attributes that follow, as `attributes` and SETITEMS write
// them.
std::string module(const std::string& attributes) {
  return "c__torch__.nets\nNet\n)\x81}(" + attributes + "ub";
}

TEST(PickleReader, ModulesOfTorchScriptAreTheirAttributes) {
  const PickleValue net = read_pickled(module("U\x05widthK\x03U\x05inner" + module("U\x01xK\x07")));
  ASSERT_TRUE(net.is(PickleKind::kModule));
  EXPECT_EQ(net.describe(), "a module with 2 attributes");
  EXPECT_EQ(net.find("width")->integer(), 3);
  EXPECT_EQ(net.find("inner")->find("x")->integer(), 7);
  EXPECT_EQ(read_pickled("ctorch.jit._pickle\nrestore_type_tag\n]K\x01"
                         "aU\x03int\x86R")
                .at(0)
                .integer(),
            1);
  expect_bad_pickle(
      "c__torch__.nets\nNet\n)\x81K\x01\x85"
      "b",
      "a dict of a module's attributes");
  expect_bad_pickle("c__torch__.nets\nNet\n)\x81(U\x01xK\x01u", "appends to another kind");
  expect_bad_pickle("ctorch.jit._pickle\nrestore_type_tag\n)R", "no value with a type");
  expect_refused("ctorch.jit._pickle\nbuild_tensor_from_id\n", "build_tensor_from_id");
  expect_refused("c__torch__x\nNet\n", "__torch__x.Net");
}

// As weights, a file that holds modules in one another.
void expect_bad_weights(const std::string& pickle, const char* words) {
  MemoryFiles files;
  files.set("f.pt", old_file(pickle));
  expect_error(ErrorCode::kBadFormat, {"f.pt: ", words}, [&] { Weights::open_file("f.pt", files); });
}

TEST(PickleReader, ModulesWithoutEndAreNotFollowed) {
  expect_bad_weights(module("U\x01xK\x07"), "a TorchScript module without a tensor");
  // BINPUT, BINGET: one that holds itself.
  expect_bad_weights("c__torch__.nets\nNet\n)\x81q\x01}U\x01xh\x01sb", "nested deeper than 64");
  // Each of these twice in the next: 2^40 paths to the innermost.
  std::string doubling = module("U\x01xK\x07") + "q\x01";
  for (int i = 0; i < 40; ++i) doubling += "0" + module("U\x01xh\x01U\x01yh\x01") + "q\x01";
  expect_bad_weights(doubling, "far too many parts");
}

TEST(PickleReader, StacksAreChecked) {
  expect_bad_pickle("", "takes a value where there is none");
  expect_bad_pickle("0", "takes a value");                   // POP
  expect_bad_pickle("(2", "takes a value");                  // MARK, DUP: not below the mark
  expect_bad_pickle("K\x01(\x85", "where there are fewer");  // TUPLE1
  expect_bad_pickle("t", "takes a mark");
  expect_bad_pickle(
      "K\x01"
      "a",
      "appends to a value that is not there");
  expect_bad_pickle(
      "}K\x01"
      "a",
      "appends to another kind");
  expect_bad_pickle("](K\x01K\x02u", "appends to another kind");
  expect_bad_pickle("}(K\x01u", "a key has no value");
  expect_bad_pickle(
      "(K\x01"
      "d",
      "a key has no value");
  expect_bad_pickle("h\x05", "the value number 5");  // BINGET
  expect_bad_pickle("\xff", "0xff, which is no instruction");
}

TEST(PickleReader, SizesAreChecked) {
  expect_bad_pickle(
      "X\xff\xff\xff\x7f"
      "abc",
      "2147483647 bytes are wanted");                                                       // BINUNICODE
  expect_bad_pickle("\x8e\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615 bytes");  // BINBYTES8
  expect_bad_pickle("cno line feed", "a line has no end");
  expect_bad_pickle("X\x02\0\0\0\xc3("s, "invalid UTF-8");
  expect_bad_pickle("I12x\n", "a line is no number");
  expect_refused("\x80\x06", "protocol 6");
}

TEST(PickleReader, TensorsMustLieWithinTheirStorage) {
  const char* outside = "does not lie within its storage";
  EXPECT_NO_THROW(read_bytes(old_file(tensor("K\x04", "K\0K\x02K\x02\x86K\x02K\x01\x86"s),
                                      "]U\x01"
                                      "0a",
                                      "\x04\0\0\0\0\0\0\0"s + std::string(16, 'x'))));
  expect_bad_pickle(tensor("K\x04", "K\x01K\x02K\x02\x86K\x02K\x01\x86"s), outside);    // by its offset
  expect_bad_pickle(tensor("K\x04", "K\0K\x02K\x02\x86K\x03K\x01\x86"s), outside);      // by its strides
  expect_bad_pickle(tensor("K\x04", "K\0K\x05\x85K\x01\x85"s), outside);                // by its shape
  expect_bad_pickle(tensor("K\x04", "J\xff\xff\xff\xffK\x02\x85K\x01\x85"s), outside);  // before it
  expect_bad_pickle(tensor("K\x04", "K\0K\x02\x85J\xff\xff\xff\xff\x85"s), outside);    // negative strides
  expect_bad_pickle(tensor("K\x04", "K\0J\xff\xff\xff\xff\x85K\x01\x85"s), outside);    // negative sizes
  expect_bad_pickle(tensor("K\x04", "K\0K\x02\x85K\x01K\x01\x86"s), outside);  // two numbers of dimensions
  const std::string huge = "\x8a\x08\0\0\0\0\0\0\0\x40"s;                      // 2^62
  expect_bad_pickle(tensor("K\x04", "K\0"s + huge + huge +
                                        "\x86"
                                        "K\0K\0\x86"s),
                    outside);
  expect_bad_pickle(tensor(huge, "K\0K\x02\x85K\x01\x85"s), "a storage of");
  expect_bad_pickle(tensor("J\xff\xff\xff\xff", "K\0K\x02\x85K\x01\x85"s), "a storage of -1");
}

TEST(PickleReader, StoragesOfTheOlderFormatMustBeThere) {
  const std::string good = tensor("K\x04", "K\0K\x04\x85K\x01\x85"s);
  const auto expect = [&](const std::string& keys, const std::string& storages, const char* words) {
    expect_error(ErrorCode::kBadFormat, {"f.pt: the storage \"", words},
                 [&] { read_bytes(old_file(good, keys, storages)).tensor(); });
  };
  const std::string values(16, 'x');
  expect("]", "", "no place in the file");
  expect(
      "]U\x01"
      "0a",
      "\x04\0\0"s, "no place in the file");
  expect(
      "]U\x01"
      "0a",
      "\x04\0\0\0\0\0\0\0"s + values.substr(1), "its end behind the file");
  expect(
      "]U\x01"
      "0a",
      "\x05\0\0\0\0\0\0\0"s + values, "two sizes");
  expect(
      "]U\x01"
      "1a",
      "\x04\0\0\0\0\0\0\0"s + values, "no tensor in it");
}

TEST(PickleReader, ATensorThatRepeatsAStorageManyTimesIsNotCopied) {
  const std::string many = tensor("K\x01", "K\0J\0\0\0\x40\x85K\0\x85"s);  // 2^30 times one value
  const PickleValue value = read_bytes(old_file(many,
                                                "]U\x01"
                                                "0a",
                                                "\x01\0\0\0\0\0\0\0"s + "abcd"));
  expect_error(ErrorCode::kUnsupported, "repeats the 1 values", [&] { value.tensor(); });
}

TEST(PickleReader, DepthAndCyclesCostNothing) {
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += ']';
  EXPECT_EQ(read_pickled(deep + std::string(999'999, 'a')).size(), 1u);
  const PickleValue itself = read_pickled("]q\0h\0a"s);  // a list that holds itself
  EXPECT_EQ(itself.at(0).at(0).at(0).size(), 1u);
}

TEST(PickleReader, SharedPartsAreNotMultiplied) {
  std::string laughs = "]q\0"s;  // each list has the one before ten times
  for (int i = 0; i < 200; ++i) laughs += "]q\x01(h\0h\0h\0h\0h\0h\0h\0h\0h\0h\0eq\0"s;
  EXPECT_EQ(read_pickled(laughs).size(), 10u);
}

TEST(PickleReader, CopiesOfASharedListAreLimited) {
  std::string copies = "(" + std::string(10'000, 'N') + "lq\0(cbuiltins\nset\nq\1"s;
  for (int i = 0; i < 10'000; ++i) copies += "h\1h\0\x85R"s;
  expect_bad_pickle(copies + "l", "far more values than a file of this size has");
}

TEST(PickleReader, AMemoOfAnyNumbersIsSmall) {
  EXPECT_EQ(read_pickled("K\x07r\xff\xff\xff\xff"
                         "0j\xff\xff\xff\xff")
                .integer(),
            7);                                                             // LONG_BINPUT
  EXPECT_EQ(read_pickled("I7\np4000000000\n0g4000000000\n").integer(), 7);  // PUT, GET
}

TEST(PickleReader, NumbersAndTextsOfTheTextProtocolAreRead) {
  EXPECT_EQ(read_pickled("I-12\n").integer(), -12);
  EXPECT_EQ(read_pickled("I01\n").describe(), "True");
  EXPECT_EQ(read_pickled("L99L\n").integer(), 99);
  EXPECT_EQ(read_pickled("F-0.5\n").number(), -0.5);
  EXPECT_EQ(read_pickled("Vtext\n").text(), "text");
  expect_refused("Vt\\u00e4\n", "a text with escapes");
  EXPECT_EQ(read_pickled("U\x02"
                         "ab")
                .text(),
            "ab");
  EXPECT_TRUE(read_pickled("U\x02"
                           "\xff"
                           "b")
                  .is(PickleKind::kBytes));  // SHORT_BINSTRING of Python 2
}

TEST(PickleReader, AskingAValueForWhatItIsNotNamesTheFile) {
  const PickleValue list = read_pickled("]");
  expect_error(ErrorCode::kBadFormat, "f.pt: found a list of 0, a dict is wanted", [&] { list.key(0); });
  expect_error(ErrorCode::kBadFormat, "f.pt: found a list of 0, a tensor is wanted", [&] { list.tensor(); });
  expect_error(ErrorCode::kBadFormat, "f.pt: found a list of 0, a text is wanted", [&] { list.text(); });
  expect_error(ErrorCode::kBadFormat, "found the number 1, a list or a dict",
               [] { read_pickled("K\x01").size(); });
}

}  // namespace
}  // namespace tandem::checkpoint
