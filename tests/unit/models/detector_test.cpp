#include "models/detector.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "core/file_system.h"
#include "support/expect_error.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "tandem/model.h"

namespace tandem::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxRegions = 50;
constexpr std::size_t kWidth = 3;

class DetectorTest : public ::testing::Test {
 protected:
  fs::path save(const std::string& forward) const {
    torch::jit::Module module("detector");
    module.register_attribute("training", c10::BoolType::get(), true);
    module.define(forward);
    const fs::path path = folder_.path() / "made.pt";
    module.save(path.string());
    return path;
  }
  // A detector with these lines of Python.
  Detector make(const std::vector<std::string>& lines) const {
    std::string forward = "def forward(self, picture: Tensor) -> Tuple[Tensor, Tensor, List[str]]:\n";
    for (const std::string& line : lines) forward += "  " + line + "\n";
    return Detector(save(forward), FileSystem::system());
  }
  Regions find(const std::vector<std::string>& lines) const {
    return make(lines).find(picture_, kMaxRegions, kWidth);
  }
  void expect_no_program(ErrorCode code, const fs::path& path,
                         std::initializer_list<const char*> words) const {
    SCOPED_TRACE(path);
    expect_error(code, words, [&] { Detector(path, FileSystem::system()); });
    expect_error(code, path.string(), [&] { Detector(path, FileSystem::system()); });
  }

  TemporaryFolder folder_;
  Image picture_{.width = 4, .height = 2, .rgb = std::vector<std::uint8_t>(24, 7)};
};

TEST_F(DetectorTest, SeesThePictureAsChannelsOfBytes) {
  for (std::size_t i = 0; i < picture_.rgb.size(); ++i) picture_.rgb[i] = static_cast<std::uint8_t>(10 * i);
  const Regions regions =
      find({"assert picture.dtype == 0 and picture.is_contiguous()  # uint8",
            "features = picture.flatten(1).t().float()", "return torch.zeros(8, 4), features, []"});
  ASSERT_EQ(regions.features.rows(), 8u);
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(regions.features.data()[i], static_cast<float>(10 * i));
  EXPECT_EQ(regions.image_width, 4u);
  EXPECT_EQ(regions.image_height, 2u);
  EXPECT_EQ(regions.tags, "");
}

TEST_F(DetectorTest, OfManyRegionsTheFirstAreRead) {
  const Regions regions =
      find({"rows = torch.arange(5000).float().unsqueeze(1)",
            "return torch.zeros(5000, 4), rows.expand(5000, 3), [str(i) for i in range(5000)]"});
  ASSERT_EQ(regions.features.rows(), kMaxRegions);
  ASSERT_EQ(regions.boxes.rows(), kMaxRegions);
  EXPECT_EQ(regions.features.row(49)[2], 49);
  EXPECT_TRUE(regions.tags.starts_with("0 1 2 ")) << regions.tags;
  EXPECT_TRUE(regions.tags.ends_with(" 48 49")) << regions.tags;
}

TEST_F(DetectorTest, BoxesAreClippedToThePicture) {
  const Regions regions = find({"return torch.tensor([[-3.0, 0.5, 9.0, 8.0]]), torch.ones(1, 3), ['a b']"});
  EXPECT_EQ(std::vector(regions.boxes.data(), regions.boxes.data() + 4),
            (std::vector{0.0f, 0.5f, 4.0f, 2.0f}));
  EXPECT_EQ(regions.tags, "a b");
}

TEST_F(DetectorTest, NumbersOfAnotherPrecisionAreTaken) {
  const Regions regions = find({"return torch.zeros(1, 4).half(), torch.ones(1, 3).double() / 4, []"});
  EXPECT_EQ(regions.features.row(0)[1], 0.25f);
}

TEST_F(DetectorTest, AnswersThatAreNoRegionsAreRefusedByWhatTheyAre) {
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"return torch.zeros(0, 4), torch.ones(0, 3), []", "no regions, at least one is wanted"},
      {"return torch.zeros(2, 4), torch.ones(2, 5), []", "features: found CPUFloatType of [2, 5], wanted"},
      {"return torch.zeros(2, 5), torch.ones(2, 3), []", "boxes: found CPUFloatType of [2, 5], wanted"},
      {"return torch.zeros(4), torch.ones(1, 3), []", "boxes: found CPUFloatType of [4], wanted"},
      {"return torch.zeros(1, 4), picture[0, 0, :3].unsqueeze(0), []",
       "features: found CPUByteType of [1, 3]"},
      {"return torch.zeros(1, 4), torch.ones(2, 3), []", "1 boxes, 2 rows of features, 0 labels"},
      {"return torch.zeros(2, 4), torch.ones(2, 3), ['dog']", "2 boxes, 2 rows of features, 1 labels"},
      {"return torch.zeros(1, 4), torch.ones(1, 3) * float('nan'), []", "region 1: feature 1 is nan"},
      {"return torch.ones(1, 4) * float('inf'), torch.ones(1, 3), []", "region 1: number 1 is inf"},
      {"return torch.tensor([[3.0, 0.0, 1.0, 1.0]]), torch.ones(1, 3), []", "ends before it begins"},
      {"return torch.zeros(1, 4), torch.ones(1, 3), ['\\377']", "label 1 is not UTF-8"}};
  for (const auto& [line, words] : cases) {
    SCOPED_TRACE(line);
    expect_error(ErrorCode::kBadFormat, {"made.pt: ", words.c_str()}, [&] { find({line}); });
  }
}

TEST_F(DetectorTest, AnExceptionIsTheScriptsOwnWords) {
  expect_error(ErrorCode::kBadFormat, {"made.pt: the detector failed: ", "no luck today"},
               [&] { find({"assert False, 'no luck today'"}); });
  // One for pictures of floats.
  expect_error(ErrorCode::kBadFormat, {"made.pt: the detector failed: ", "type"}, [&] {
    find({"seen = torch.conv2d(picture.unsqueeze(0), torch.ones(1, 3, 1, 1))",
          "return torch.zeros(1, 4), seen.flatten()[:3].unsqueeze(0), []"});
  });
}

TEST_F(DetectorTest, TheLackOfMemoryIsToldAsSuch) {
  expect_error(ErrorCode::kBackend, {"made.pt: out of memory"},
               [&] { find({"return torch.zeros(1, 4), torch.empty([1125899906842624, 3]), []"}); });
}

TEST_F(DetectorTest, AfterAFailureTheNextPictureIsRead) {
  const Detector detector =
      make({"assert picture.size(1) > 1, 'too low'", "return torch.zeros(1, 4), torch.ones(1, 3), []"});
  const Image low{.width = 1, .height = 1, .rgb = {1, 2, 3}};
  EXPECT_THROW(detector.find(low, kMaxRegions, kWidth), Error);
  EXPECT_EQ(detector.find(picture_, kMaxRegions, kWidth).features.rows(), 1u);
}

TEST_F(DetectorTest, AnImageThatIsNotWholeIsRefused) {
  const Detector detector = make({"return torch.zeros(1, 4), torch.ones(1, 3), []"});
  for (const Image& image : {Image(), Image{.width = 4, .height = 3, .rgb = picture_.rgb}}) {
    expect_error(ErrorCode::kInvalidArgument, {"made.pt", "3 for each pixel"},
                 [&] { detector.find(image, kMaxRegions, kWidth); });
  }
}

TEST_F(DetectorTest, AScriptMayWriteIntoItsPictureAlone) {
  const Image pixel{.width = 1, .height = 1, .rgb = {1, 2, 3}};
  make({"picture.zero_()", "return torch.zeros(1, 4), torch.ones(1, 3), []"})
      .find(pixel, kMaxRegions, kWidth);
  EXPECT_EQ(pixel.rgb, (std::vector<std::uint8_t>{1, 2, 3}));
}

TEST_F(DetectorTest, ItIsNotInTraining) {
  const Regions regions =
      find({"return torch.zeros(1, 4), torch.full([1, 3], 1.0 if self.training else 2.0), []"});
  EXPECT_EQ(regions.features.row(0)[0], 2.0f);
}

TEST_F(DetectorTest, ManyThreadsGetTheSameRegions) {
  const Detector detector =
      make({"seen = picture.float().flatten(1)", "features = torch.sin(seen).cumsum(1).t().contiguous()",
            "return torch.zeros(features.size(0), 4), features, []"});
  const auto features_of = [&](std::size_t side) {
    const Image image{.width = side, .height = side, .rgb = std::vector<std::uint8_t>(side * side * 3, 9)};
    const Regions regions = detector.find(image, kMaxRegions, kWidth);
    return std::vector(regions.features.data(), regions.features.data() + regions.features.size());
  };
  const std::vector<std::vector<float>> alone = {features_of(1), features_of(2), features_of(3),
                                                 features_of(4)};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) EXPECT_EQ(features_of(i + 1), alone[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(DetectorTest, WhatIsNoProgramIsRefused) {
  const fs::path path = folder_.path() / "other.pt";
  for (const std::string& bytes : {std::string(), std::string("not a program"), std::string(5000, '\0')}) {
    write_file(path, bytes);
    expect_no_program(ErrorCode::kBadFormat, path, {"not a TorchScript program", "torch.jit.script"});
  }
  expect_no_program(ErrorCode::kBadFormat, fs::path(TANDEM_TEST_DATA) / "regions-odd/tags.pt",
                    {"not a TorchScript program"});
  expect_no_program(ErrorCode::kNotFound, folder_.path() / "nowhere.pt", {});
  expect_no_program(ErrorCode::kInvalidArgument, folder_.path(), {});
}

TEST_F(DetectorTest, AnOperatorThatPyTorchDoesNotHaveIsNamed) {
  expect_no_program(ErrorCode::kBadFormat, fs::path(TANDEM_TEST_DATA) / "detector/of_torchvision.pt",
                    {"PyTorch's own operators", "torchvision"});
}

TEST_F(DetectorTest, AProgramCutShortIsRefused) {
  const fs::path path = save(
      "def forward(self, picture: Tensor) -> Tuple[Tensor, Tensor, List[str]]:\n"
      "  return torch.zeros(1, 4), torch.ones(1, 3), []\n");
  const auto whole = fs::file_size(path);
  for (std::size_t part = 1; part < 8; ++part) {
    fs::resize_file(path, whole * (8 - part) / 8);
    expect_no_program(ErrorCode::kBadFormat, path, {"not a TorchScript program"});
  }
}

TEST_F(DetectorTest, AnotherSignatureIsRefusedByWhatItIs) {
  const std::vector<std::pair<std::string, const char*>> cases = {
      {"def forward(self, picture: Tensor) -> Tuple[Tensor, Tensor]:\n  return picture, picture\n",
       "-> ((Tensor, Tensor))"},
      {"def forward(self, picture: Tensor) -> Tensor:\n  return picture\n", "-> Tensor"},
      {"def forward(self) -> Tuple[Tensor, Tensor, List[str]]:\n  return torch.ones(1), torch.ones(1), []\n",
       "forward("},
      {"def forward(self, path: str) -> Tuple[Tensor, Tensor, List[str]]:\n"
       "  return torch.ones(1), torch.ones(1), []\n",
       "str path"},
      {"def forward(self, picture: Tensor, size: int) -> Tuple[Tensor, Tensor, List[str]]:\n"
       "  return picture, picture, []\n",
       "int size"},
      {"def detect(self, picture: Tensor) -> Tensor:\n  return picture\n", "no forward()"}};
  for (const auto& [forward, words] : cases) {
    expect_no_program(ErrorCode::kBadFormat, save(forward), {words, "List[str]] is wanted"});
  }
}

TEST_F(DetectorTest, OfAFurtherArgumentTheDefaultIsTaken) {
  const Detector detector(
      save("def forward(self, picture: Tensor, value: float = 3.5) -> Tuple[Tensor, Tensor, List[str]]:\n"
           "  return torch.zeros(1, 4), torch.full([1, 3], value), []\n"),
      FileSystem::system());
  EXPECT_EQ(detector.find(picture_, kMaxRegions, kWidth).features.row(0)[0], 3.5f);
}

TEST_F(DetectorTest, AFingerprintIsThatOfTheFilesBytes) {
  const auto fingerprint_of = [](const fs::path& path) {
    return Detector(path, FileSystem::system()).fingerprint();
  };
  const std::string forward = "def forward(self, picture: Tensor) -> Tuple[Tensor, Tensor, List[str]]:\n";
  const std::string first = fingerprint_of(save(forward + "  return picture, picture, ['a']\n"));
  fs::copy_file(folder_.path() / "made.pt", folder_.path() / "copy.pt");
  EXPECT_EQ(fingerprint_of(folder_.path() / "copy.pt"), first);
  EXPECT_NE(fingerprint_of(save(forward + "  return picture, picture, ['b']\n")), first);
}

TEST_F(DetectorTest, ModelsThatReadPixelsPayNoAttentionToOne) {
  const fs::path model = fs::path(TANDEM_TEST_DATA) / "clip-gelu/model";
  const auto with = Model::load(model, {.detector = folder_.path() / "made.pt"});
  EXPECT_EQ(with->info().detector, fs::path());
  EXPECT_EQ(with->info().preprocessing_fingerprint, Model::load(model)->info().preprocessing_fingerprint);
}

}  // namespace
}  // namespace tandem::models
