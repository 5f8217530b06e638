// Every number equals the reference implementation's (Hugging Face transformers, fp32).
//
// Tolerances: 1e-4 on embeddings and similarities, 1e-3 on logits: what differs between two correct fp32
// implementations is the order of summation, some 1e-6 here; one wrong level in a pixel moves these
// models by 1e-3 and more.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "golden/models/golden_case.h"
#include "tandem/encoders.h"
#include "tandem/error.h"
#include "tandem/model.h"

namespace tandem {
namespace {

using golden::kData;
using golden::kEmbeddingTolerance;
using golden::kLogitTolerance;

struct GoldenModel {
  const char* name;  // a folder of tests/golden/data
  bool embeds;
  bool matches;
};

// clang-format off
constexpr GoldenModel kModels[] = {
    {"clip-quickgelu", true, false},
    {"clip-gelu", true, false},
    {"clip-openai", true, false},
    {"altclip", true, false},
    {"siglip", true, true},
    {"siglip2-fixed", true, true},
    {"blip-itm", true, true},
    {"blip-salesforce", true, true},
    {"blip2-itm", true, true},
    {"vilt", false, true},
    {"bridgetower", false, true},
    {"bridgetower-heads", true, true},
};
// clang-format on

class Parity : public ::testing::TestWithParam<GoldenModel> {
 protected:
  Parity()
      : case_(golden::read_case(kData / GetParam().name / "expected.json", kData)),
        model_(Model::load(case_.folder / "model")) {}

  Image image(std::size_t index) const { return load_image(case_.images[index].file); }

  golden::Case case_;
  std::shared_ptr<const Model> model_;
};

// For the models with embeddings, and for those with a matching head.
class EmbeddingParity : public Parity {};
class MatchParity : public Parity {};

TEST_P(Parity, TheModelCanDoWhatTheReferenceCan) {
  const Capabilities can = model_->info().capabilities;
  EXPECT_EQ(can.embed_text, GetParam().embeds);
  EXPECT_EQ(can.embed_image, GetParam().embeds);
  EXPECT_EQ(can.match, GetParam().matches);
}

TEST_P(Parity, TextsHaveTheReferencesIds) {
  ASSERT_FALSE(case_.texts.empty());
  for (const auto& text : case_.texts) {
    EXPECT_EQ(model_->tokenizer().encode(text.text), text.ids) << text.text;
  }
}

TEST_P(Parity, TheReferencesPicturesAreRefused) {
  ASSERT_FALSE(case_.images.empty());
  for (const auto& picture : case_.images) {
    const Image image = load_image(picture.file);
    if (picture.refused) {
      EXPECT_THROW(model_->preprocess(image), Error) << picture.file;
    } else {
      EXPECT_NO_THROW(model_->preprocess(image)) << picture.file;
    }
  }
}

TEST_P(EmbeddingParity, TextsHaveTheReferencesEmbeddings) {
  const std::vector<Text> texts = [&] {
    std::vector<Text> all;
    for (const auto& text : case_.texts) all.emplace_back(text.text);
    return all;
  }();
  const Matrix embeddings = BiEncoder(model_).embed_texts(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_LE(golden::max_difference(embeddings.row(i), case_.texts[i].embedding), kEmbeddingTolerance)
        << texts[i].text;
  }
}

TEST_P(EmbeddingParity, PicturesHaveTheReferencesEmbeddings) {
  for (std::size_t i = 0; i < case_.images.size(); ++i) {
    const Image picture = image(i);
    const Matrix embedding = BiEncoder(model_).embed_images({&picture, 1}).front();
    EXPECT_EQ(embedding.rows(), model_->info().embedding_rows);
    float best = std::numeric_limits<float>::infinity();
    for (const auto& expected : case_.images[i].embeddings) {
      const std::span<const float> values(embedding.data(), embedding.size());
      best = std::min(best, golden::max_difference(values, expected));
    }
    EXPECT_LE(best, kEmbeddingTolerance) << case_.images[i].file;
  }
}

TEST_P(EmbeddingParity, SimilaritiesAreTheReferences) {
  for (const auto& pair : case_.pairs) {
    const Text text = case_.texts[pair.text].text;
    const Image picture = image(pair.image);
    const Matrix a = BiEncoder(model_).embed_texts({&text, 1});
    const Matrix b = BiEncoder(model_).embed_images({&picture, 1}).front();
    float similarity = -1;
    for (std::size_t row = 0; row < b.rows(); ++row) {
      float cosine = 0;
      for (std::size_t i = 0; i < a.columns(); ++i) cosine += a.row(0)[i] * b.row(row)[i];
      similarity = std::max(similarity, cosine);
    }
    EXPECT_NEAR(similarity, pair.similarity.value(), kEmbeddingTolerance);
  }
}

TEST_P(MatchParity, LogitsAreTheReferences) {
  ASSERT_FALSE(case_.pairs.empty());
  const auto with_enc = Model::load(case_.folder / "model", {.blip_enc_token = true, .detector = {}});
  for (const auto& pair : case_.pairs) {
    const Image picture = image(pair.image);
    const Text text = case_.texts[pair.text].text;
    const auto score = [&](const std::shared_ptr<const Model>& model) {
      return CrossEncoder(model).score(text, std::span<const Image>(&picture, 1)).front();
    };
    const float logit = score(model_);
    EXPECT_NEAR(logit, pair.logit, kLogitTolerance) << text.text << case_.images[pair.image].file;
    EXPECT_NEAR(match_probability(logit), pair.probability.value(), kLogitTolerance);
    if (pair.logit_enc) {
      EXPECT_NEAR(score(with_enc), *pair.logit_enc, kLogitTolerance);
    }
  }
}

TEST_P(MatchParity, StoredTokensGiveTheScoresOfPictures) {
  std::vector<Image> pictures;
  for (std::size_t i = 0; i < case_.images.size(); ++i) {
    if (!case_.images[i].refused) pictures.push_back(image(i));
  }
  const CrossEncoder cross(model_);
  const std::vector<Matrix> tokens = cross.image_tokens(pictures);
  const std::vector<MatrixView> views(tokens.begin(), tokens.end());
  const Text text = case_.texts.front().text;
  const auto from_tokens = cross.score(text, views);
  const auto from_pictures = cross.score(text, pictures);
  EXPECT_LE(golden::max_difference(from_tokens, from_pictures), 1e-4f);
}

std::vector<GoldenModel> models_that(bool GoldenModel::*can) {
  std::vector<GoldenModel> models(std::begin(kModels), std::end(kModels));
  std::erase_if(models, [&](const GoldenModel& model) { return !(model.*can); });
  return models;
}

std::string model_name(const ::testing::TestParamInfo<GoldenModel>& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Models, Parity, ::testing::ValuesIn(kModels), model_name);
INSTANTIATE_TEST_SUITE_P(Models, EmbeddingParity, ::testing::ValuesIn(models_that(&GoldenModel::embeds)),
                         model_name);
INSTANTIATE_TEST_SUITE_P(Models, MatchParity, ::testing::ValuesIn(models_that(&GoldenModel::matches)),
                         model_name);

}  // namespace
}  // namespace tandem
