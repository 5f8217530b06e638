// Every number equals the reference implementation's (Hugging Face transformers, fp32).
//
// Tolerances: 1e-4 on embeddings and similarities, 1e-3 on logits: what differs between two correct fp32
// implementations is the order of summation, some 1e-6 here; one wrong level in a pixel moves these
// models by 1e-3 and more.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "golden/models/golden_case.h"
#include "tandem/encoders.h"
#include "tandem/model.h"

namespace tandem {
namespace {

constexpr float kEmbeddingTolerance = 1e-4f;
constexpr float kLogitTolerance = 1e-3f;

const std::filesystem::path kData = TANDEM_TEST_DATA;

class ParityTest : public ::testing::TestWithParam<const char*> {
 protected:
  ParityTest()
      : case_(golden::read_case(kData / GetParam() / "expected.json", kData)),
        model_(Model::load(case_.folder / "model")) {}

  Image image(std::size_t index) const { return load_image(case_.images[index].file); }

  golden::Case case_;
  std::shared_ptr<const Model> model_;
};

// For the families with a matching head.
class MatchParityTest : public ParityTest {};

TEST_P(ParityTest, TextsHaveTheReferencesIdsAndEmbeddings) {
  ASSERT_FALSE(case_.texts.empty());
  std::vector<Text> texts;
  for (const auto& text : case_.texts) {
    EXPECT_EQ(model_->tokenizer().encode(text.text), text.ids) << text.text;
    texts.push_back(text.text);
  }
  const Matrix embeddings = BiEncoder(model_).embed_texts(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_LE(golden::max_difference(embeddings.row(i), case_.texts[i].embedding), kEmbeddingTolerance)
        << texts[i].text;
  }
}

TEST_P(ParityTest, PicturesHaveTheReferencesEmbeddings) {
  ASSERT_FALSE(case_.images.empty());
  for (std::size_t i = 0; i < case_.images.size(); ++i) {
    const Image picture = image(i);
    const Matrix embedding = BiEncoder(model_).embed_images({&picture, 1}).front();
    float best = std::numeric_limits<float>::infinity();
    for (const auto& expected : case_.images[i].embeddings) {
      best = std::min(best, golden::max_difference(embedding.row(0), expected));
    }
    EXPECT_LE(best, kEmbeddingTolerance) << case_.images[i].file;
  }
}

TEST_P(MatchParityTest, LogitsAreTheReferences) {
  const auto with_enc = Model::load(case_.folder / "model", {.blip_enc_token = true});
  for (const auto& pair : case_.pairs) {
    const Image picture = image(pair.image);
    const Text text = case_.texts[pair.text].text;
    const auto score = [&](const std::shared_ptr<const Model>& model) {
      return CrossEncoder(model).score(text, std::span<const Image>(&picture, 1)).front();
    };
    const float logit = score(model_);
    EXPECT_NEAR(logit, pair.logit, kLogitTolerance) << text.text << case_.images[pair.image].file;
    EXPECT_NEAR(match_probability(logit), pair.probability.value(), kLogitTolerance);
    EXPECT_NEAR(score(with_enc), pair.logit_enc.value(), kLogitTolerance);
  }
}

TEST_P(MatchParityTest, StoredTokensGiveTheScoresOfPictures) {
  std::vector<Image> pictures;
  for (std::size_t i = 0; i < case_.images.size(); ++i) pictures.push_back(image(i));
  const CrossEncoder cross(model_);
  const std::vector<Matrix> tokens = cross.image_tokens(pictures);
  const std::vector<MatrixView> views(tokens.begin(), tokens.end());
  const Text text = case_.texts.front().text;
  const auto from_tokens = cross.score(text, views);
  const auto from_pictures = cross.score(text, pictures);
  EXPECT_LE(golden::max_difference(from_tokens, from_pictures), 1e-4f);
}

TEST_P(ParityTest, SimilaritiesAreTheReferences) {
  for (const auto& pair : case_.pairs) {
    // A scaled cosine or the similarity of a two-headed model; both come from the two embeddings.
    const Text text = case_.texts[pair.text].text;
    const Image picture = image(pair.image);
    const Matrix a = BiEncoder(model_).embed_texts({&text, 1});
    const Matrix b = BiEncoder(model_).embed_images({&picture, 1}).front();
    float cosine = 0;
    for (std::size_t i = 0; i < a.columns(); ++i) cosine += a.row(0)[i] * b.row(0)[i];
    EXPECT_NEAR(cosine, pair.similarity.value(), kEmbeddingTolerance);
  }
}

std::string case_name(const ::testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Cases, ParityTest, ::testing::Values("clip-quickgelu", "clip-gelu", "blip-itm"),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Cases, MatchParityTest, ::testing::Values("blip-itm"), case_name);

}  // namespace
}  // namespace tandem
