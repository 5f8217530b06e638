// Weights under the names of the original checkpoints make the same model as those of the port.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "golden/models/golden_case.h"
#include "support/temporary_folder.h"
#include "tandem/encoders.h"
#include "tandem/model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

using golden::kData;

class OriginalNames : public ::testing::TestWithParam<const char*> {};

TEST_P(OriginalNames, GiveTheNumbersOfThePort) {
  const fs::path port = kData / GetParam() / "model";
  const TemporaryFolder folder;
  const fs::path original = folder.path() / "model";
  fs::copy(port, original);
  fs::copy_file(kData / "original-names" / (std::string(GetParam()) + ".safetensors"),
                original / "model.safetensors", fs::copy_options::overwrite_existing);

  const auto expected = Model::load(port);
  const auto model = Model::load(original);
  const std::vector<Text> texts = {"Two children are playing football in the park .", "a dog"};
  const auto equal = [](const Matrix& a, const Matrix& b) {
    return golden::max_difference({a.data(), a.size()}, {b.data(), b.size()}) == 0;
  };
  EXPECT_TRUE(equal(BiEncoder(model).embed_texts(texts), BiEncoder(expected).embed_texts(texts)));
  const std::vector<Image> images = {load_image(kData / "images/photo_portrait.png"),
                                     load_image(kData / "images/tiny_5x7.png")};
  const auto got = BiEncoder(model).embed_images(images);
  const auto wanted = BiEncoder(expected).embed_images(images);
  for (std::size_t i = 0; i < images.size(); ++i) EXPECT_TRUE(equal(got[i], wanted[i]));
  if (!expected->info().capabilities.match) return;
  EXPECT_EQ(CrossEncoder(model).score(texts[0], images), CrossEncoder(expected).score(texts[0], images));
}

INSTANTIATE_TEST_SUITE_P(Models, OriginalNames, ::testing::Values("blip-itm", "clip-gelu"),
                         [](const auto& test) { return test.index == 0 ? "blip" : "clip"; });

}  // namespace
}  // namespace tandem
