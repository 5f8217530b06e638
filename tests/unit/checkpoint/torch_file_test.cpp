// Files that torch.save wrote (tests/golden/make/torch_files.py).
#include "checkpoint/torch_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "checkpoint/safetensors_index.h"
#include "support/expect_error.h"
#include "torch_bytes.h"

namespace tandem::checkpoint {
namespace {

Weights open_torch(const std::string& name, const std::string& below = "") {
  return Weights::open_file(torch_files() / name, FileSystem::system(), below);
}

PickleValue read_torch(const std::string& name) {
  return read_torch_file(torch_files() / name, FileSystem::system());
}

void expect_equal(const Weights& found, const Weights& wanted) {
  ASSERT_EQ(found.names(), wanted.names());
  for (const std::string& name : wanted.names()) {
    const TensorView& a = *found.find(name);
    const TensorView& b = *wanted.find(name);
    EXPECT_STREQ(to_string(a.dtype), to_string(b.dtype)) << name;
    EXPECT_EQ(a.shape, b.shape) << name;
    EXPECT_TRUE(std::ranges::equal(a.bytes, b.bytes)) << name;
  }
}

TEST(TorchFile, AllDtypesEqualThoseOfSafetensors) {
  const Weights wanted = Weights::open_file(
      std::filesystem::path(TANDEM_TEST_DATA) / "checkpoint/dtypes.safetensors", FileSystem::system());
  for (const char* name : {"dtypes_zip.pt", "dtypes_old.pt", "deflated.pt"}) {
    SCOPED_TRACE(name);
    expect_equal(open_torch(name), wanted);
  }
}

TEST(TorchFile, ViewsOfAStorageHaveTheirOwnValues) {
  for (const char* name :
       {"views_zip.pt", "views_old.pt", "views_protocol3.pt", "views_protocol4.pt", "views_protocol5.pt"}) {
    SCOPED_TRACE(name);
    expect_equal(open_torch(name), open_torch("views.safetensors"));
  }
}

TEST(TorchFile, ATorchScriptArchiveHasTheTensorsOfItsStateDict) {
  expect_equal(open_torch("scripted.pt"), open_torch("scripted.safetensors"));
  const PickleValue root = read_torch("scripted.pt");
  EXPECT_TRUE(root.is(PickleKind::kModule));
  EXPECT_EQ(root.find("width")->integer(), 3);
  EXPECT_EQ(root.find("sizes")->at(1).integer(), 224);
  EXPECT_EQ(root.find("rates")->find("a")->number(), 0.5);
  EXPECT_EQ(root.find("inner")->find("0")->find("weight")->shape(), (Shape{3, 2}));
}

TEST(TorchFile, RowMajorTensorsAreViewsOfTheMappedFile) {
  for (const char* name : {"views_zip.pt", "views_old.pt"}) {
    const auto file = FileSystem::system().map(torch_files() / name);
    const PickleValue root = read_torch_file(file, name);
    const auto whole = root.find("whole")->tensor();
    const auto rows = root.find("rows")->tensor();
    EXPECT_GE(whole.bytes.data(), file->bytes().data());
    EXPECT_LE(whole.bytes.data() + whole.bytes.size(), file->bytes().data() + file->bytes().size());
    EXPECT_EQ(rows.bytes.data(), whole.bytes.data() + 6 * sizeof(float)) << "one storage, one place";
  }
}

TEST(TorchFile, TensorsLiveOnWithoutTheFile) {
  for (const char* name : {"views_zip.pt", "views_old.pt", "deflated.pt", "arrays_zip.pt"}) {
    const PickleValue root = read_torch(name);
    const TensorView tensor = root.find(name[0] == 'v'   ? "transposed"
                                        : name[0] == 'd' ? "f32"
                                                         : "f4")
                                  ->tensor();
    std::vector<float> values(tensor.count());
    read_f32(tensor, values);
    EXPECT_EQ(values.size(), tensor.count());
  }
}

TEST(TorchFile, StateDictsAreFoundWhereTheyLie) {
  const Weights wanted = open_torch("linear.safetensors");
  expect_equal(open_torch("linear.pt"), wanted);
  expect_equal(open_torch("below_state_dict.pt"), wanted);
  expect_equal(open_torch("below_model.pt"), wanted);  // the names begin with "module." there
  expect_equal(open_torch("below_student.pt", "student"), wanted);
  expect_error(ErrorCode::kBadFormat, {"below_student.pt", "\"state_dict\" or \"model\""},
               [] { open_torch("below_student.pt"); });
  expect_error(ErrorCode::kBadFormat, {"\"teacher\"", "is missing"},
               [] { open_torch("below_student.pt", "teacher"); });
  expect_error(ErrorCode::kBadFormat, {"\"names\"", "a list of 1"},
               [] { open_torch("below_student.pt", "names"); });
}

TEST(TorchFile, PlainContainersAreRead) {
  for (const char* name :
       {"plain_zip.pt", "plain_old.pt", "plain_protocol3.pt", "plain_protocol4.pt", "plain_protocol5.pt"}) {
    SCOPED_TRACE(name);
    const PickleValue root = read_torch(name);
    EXPECT_TRUE(root.find("none")->is(PickleKind::kNone));
    EXPECT_EQ(root.find("yes")->describe(), "True");
    EXPECT_EQ(root.find("no")->describe(), "False");
    EXPECT_EQ(root.find("small")->integer(), 7);
    EXPECT_EQ(root.find("negative")->integer(), -70000);
    EXPECT_EQ(root.find("long")->integer(), std::int64_t{1} << 40);
    EXPECT_TRUE(root.find("huge")->is(PickleKind::kBigInt));
    EXPECT_EQ(root.find("float")->number(), 0.1);
    EXPECT_EQ(root.find("text")->text(), "Bäume");
    EXPECT_EQ(root.find("bytes")->text(), std::string_view("\0\xff\x80", 3));
    EXPECT_EQ(root.find("no_bytes")->text(), "");
    EXPECT_EQ(root.find("list")->at(1).at(1).at(0).integer(), 3);
    EXPECT_EQ(root.find("set")->at(0).integer(), 5);
    EXPECT_EQ(root.find("ordered")->key(0).text(), "b");
    EXPECT_EQ(root.find("default")->find("a")->at(0).integer(), 1);
    EXPECT_EQ(root.find("size")->at(1).integer(), 3);
    EXPECT_EQ(root.find("device")->text(), "cpu");
    EXPECT_EQ(root.find("dtype")->text(), "torch.bfloat16");
    EXPECT_EQ(root.key(root.size() - 1).integer(), 3);
    EXPECT_FALSE(root.find("absent"));
  }
}

TEST(TorchFile, ArraysOfNumpyAreTensors) {
  const std::vector<float> grid = {0, 1, 2, 3, 4, 5};
  for (const char* name : {"arrays_zip.pt", "arrays_old.pt", "arrays_protocol3.pt", "arrays_protocol4.pt",
                           "arrays_protocol5.pt"}) {
    const PickleValue root = read_torch(name);
    const auto values = [&](const char* key, float shift) {
      SCOPED_TRACE(std::string(name) + " " + key);
      const TensorView tensor = root.find(key)->tensor();
      EXPECT_EQ(tensor.shape, (Shape{2, 3}));
      std::vector<float> found(tensor.count());
      read_f32(tensor, found);
      for (float& value : found) value -= shift;
      EXPECT_EQ(found, grid);
    };
    for (const char* key : {"f4", "f2", "i4", "i2", "fortran"}) values(key, 0);
    for (const char* key : {"f8", "u1"}) values(key, 200);
    for (const char* key : {"i8", "i1"}) values(key, -3);
    EXPECT_STREQ(to_string(root.find("b1")->tensor().dtype), "BOOL");
    EXPECT_EQ(root.find("scalar")->tensor().shape, Shape{});
    EXPECT_EQ(root.find("empty")->tensor().shape, (Shape{0, 4}));
    for (const char* key : {"words", "objects", "big_endian"}) {
      expect_error(ErrorCode::kUnsupported, "found an array of ", [&] { root.find(key)->tensor(); });
    }
  }
}

TEST(TorchFile, WhatCallsForMoreThanTensorsIsRefusedByItsName) {
  for (const auto& [file, name] : {std::pair("os_system_zip.pt", "posix.system"),
                                   {"os_system_old.pt", "posix.system"},
                                   {"eval.pt", "__builtin__.eval"},
                                   {"foreign_class.pt", "pathlib.PurePosixPath"},
                                   {"sparse.pt", "torch._utils._rebuild_sparse_tensor"},
                                   {"complex.pt", "torch.ComplexFloatStorage"}}) {
    expect_error(ErrorCode::kUnsupported, {file, name, "nothing of it was run", "torch.save("},
                 [&] { read_torch(file); });
  }
  EXPECT_FALSE(std::filesystem::exists("harm"));
}

TEST(TorchFile, BigEndianFilesAreRefused) {
  for (const char* name : {"big_endian_zip.pt", "big_endian_old.pt"}) {
    expect_error(ErrorCode::kUnsupported, {name, "big-endian"}, [&] { read_torch(name); });
  }
}

TEST(TorchFile, OtherFilesAreRefused) {
  expect_error(ErrorCode::kBadFormat, "f.pt: not a file that torch.save wrote", [] { read_bytes(""); });
  expect_error(ErrorCode::kBadFormat, "not a file that torch.save wrote", [] { read_bytes("{}"); });
  expect_error(ErrorCode::kBadFormat, "not one that torch.save wrote", [] { read_bytes("\x80\x02K\x01."); });
  expect_error(ErrorCode::kUnsupported, "a tar file",
               [] { read_bytes(std::string(257, 'x') + "ustar  " + std::string(300, '\0')); });
  expect_error(ErrorCode::kBadFormat, "not a readable zip file", [] { read_bytes("PK\3\4 and no more"); });
}

TEST(TorchFile, EveryTruncationIsRefused) {
  for (const char* name : {"views_zip.pt", "views_old.pt", "deflated.pt"}) {
    const std::string good = bytes_of_file(torch_files() / name);
    for (std::size_t size = 0; size < good.size(); ++size) {
      MemoryFiles files;
      files.set("f.pt", good.substr(0, size));
      try {
        Weights::open_file("f.pt", files);
        ADD_FAILURE() << name << " of " << size << " bytes was read";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kBadFormat) << name << " " << size << ": " << error.what();
      }
    }
  }
}

TEST(TorchFile, FlippedBytesAreReadOrRefused) {
  unsigned refused = 0;
  for (const char* name : {"views_zip.pt", "arrays_old.pt", "deflated.pt", "plain_protocol4.pt"}) {
    const std::string good = bytes_of_file(torch_files() / name);
    for (unsigned seed = 0; seed < 3'000; ++seed) {
      std::mt19937 random(seed);
      std::string bytes = good;
      for (auto flips = random() % 3 + 1; flips > 0; --flips) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      try {
        const PickleValue root = read_bytes(bytes);
        for (std::size_t i = 0; root.is(PickleKind::kDict) && i < root.size(); ++i) {
          if (root.value(i).is(PickleKind::kTensor)) root.value(i).tensor();
        }
      } catch (const Error& error) {
        ++refused;
        EXPECT_TRUE(error.code() == ErrorCode::kBadFormat || error.code() == ErrorCode::kUnsupported)
            << error.what();
      }
    }
  }
  EXPECT_GT(refused, 1'000u);
}

}  // namespace
}  // namespace tandem::checkpoint
