// The default family with object tags gives the numbers that PyTorch computes
// (tests/golden/make/tandem_tags.py).
//
// Tolerances: 1e-4 on states and embeddings, 1e-3 on logits, the tagger's relative to the largest: two
// correct fp32 implementations differ by the order of summation, some 1e-6, and the reference is rounded to
// six digits.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "golden/models/golden_case.h"
#include "models/load_weights.h"
#include "models/tandem/tandem.h"
#include "models/tandem/tandem_config.h"
#include "support/expect_error.h"
#include "tandem/encoders.h"
#include "tandem/error.h"
#include "tandem/model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using models::ImageBatch;
using models::ImageStates;

const fs::path kFolder = fs::path(TANDEM_TEST_DATA) / "tandem-tags";
constexpr ImageOutputs kBoth = {.embedding = true, .tokens = true};

class TandemTags : public ::testing::Test {
 protected:
  TandemTags()
      : case_(golden::read_case(kFolder / "expected.json", TANDEM_TEST_DATA)),
        model_(Model::load(kFolder / "model")) {
    std::ifstream file(kFolder / "expected.json");
    const auto expected = nlohmann::json::parse(file);
    expected_ = expected["images"];
    expected_pairs_ = expected["pairs"];
    for (const auto& image : case_.images) {
      inputs_.push_back(model_->preprocess(load_image(image.file)));
      auto values = std::get<PixelTensor>(inputs_.back()).values;
      const auto side = static_cast<std::int64_t>(std::get<PixelTensor>(inputs_.back()).height);
      pixels_.push_back(torch::tensor(values).view({1, 3, side, side}));
    }
  }

  // Each by itself, the last first, so that no place is by chance its own.
  std::vector<models::TextGroup> text_groups() const {
    std::vector<models::TextGroup> groups;
    for (std::size_t i = case_.texts.size(); i-- > 0;) {
      const TokenIds& ids = case_.texts[i].ids;
      const std::vector<std::int64_t> wide(ids.begin(), ids.end());
      groups.push_back({.members = {i}, .ids = torch::tensor(wide, at::kLong).unsqueeze(0)});
    }
    return groups;
  }

  golden::Case case_;
  nlohmann::json expected_;  // of the pictures
  nlohmann::json expected_pairs_;
  std::shared_ptr<const Model> model_;
  std::vector<ImageInput> inputs_;
  std::vector<at::Tensor> pixels_;
};

// The network by itself; without the tagger, and the factors of the match, where config.json has none.
std::shared_ptr<models::Network> network_of(const std::string& config) {
  const models::ModelFolder folder{
      kFolder / "model", checkpoint::Config::parse(config, "config.json"), kFolder / "model", {}, {}};
  const auto weights = checkpoint::Weights::open(folder.path, FileSystem::system());
  const models::Blueprint blueprint = models::build_tandem(folder, {});
  const std::vector<std::string> ignored = {"tagger.*", "joint.tagtype", "joint.factors.*",
                                            "joint.hubness.*"};
  const models::WeightLoader loader(blueprint.network, weights, blueprint.names, ignored);
  loader.load(models::Part::kRest);
  loader.load(models::Part::kTower);
  return blueprint.network;
}

std::string config_text() {
  std::ifstream file(kFolder / "model/config.json");
  return {std::istreambuf_iterator<char>(file), {}};
}

float difference(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() ? (a - b).abs().max().item<float>() : std::numeric_limits<float>::infinity();
}

float difference(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows()
             ? golden::max_difference({a.data(), a.rows() * a.columns()}, {b.data(), b.rows() * b.columns()})
             : std::numeric_limits<float>::infinity();
}

TEST_F(TandemTags, SaysHowManyTokensAPictureCanHave) {
  EXPECT_EQ(model_->info().max_image_tokens, 5u + 24u + 1u) << "a sentence is no longer than any text";
}

TEST_F(TandemTags, TheTaggerAgrees) {
  const auto config = models::read_tandem_config(checkpoint::Config::parse(config_text(), "config.json"));
  models::Tagger tagger(*config.tagger);
  const auto weights = checkpoint::Weights::open(kFolder / "model", FileSystem::system());
  const c10::InferenceMode inference;
  for (const auto& parameter : tagger->named_parameters()) {
    const std::string name = "tagger" + parameter.key().substr(std::string("network").size());
    weights.read(name, {parameter.value().data_ptr<float>(), weights.find(name)->count()});
  }
  for (std::size_t i = 0; i < pixels_.size(); ++i) {
    const at::Tensor wanted = torch::tensor(expected_[i]["logits"].get<std::vector<float>>());
    EXPECT_LE(difference(tagger->logits(pixels_[i])[0], wanted), 1e-3f * wanted.abs().max().item<float>());
    const at::Tensor tags = torch::tensor(expected_[i]["tags"].get<std::vector<std::int64_t>>(), at::kLong);
    EXPECT_TRUE(tagger->forward(pixels_[i])[0].equal(tags)) << case_.images[i].file;
  }
}

TEST_F(TandemTags, TextsAgree) {
  for (const auto& text : case_.texts) {
    EXPECT_EQ(model_->tokenizer().encode(text.text), text.ids) << text.text;
    const Matrix embedding = model_->embed_texts({&text.ids, 1});
    EXPECT_LE(golden::max_difference(embedding.row(0), text.embedding), 1e-4f) << text.text;
  }
}

TEST_F(TandemTags, PicturesOfOneBatchAgreeEachWithItsNumberOfTokens) {
  const auto encoded = model_->encode_images(inputs_, kBoth);
  std::set<std::size_t> rows;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    EXPECT_LE(golden::max_difference(encoded[i].embedding.row(0), case_.images[i].embeddings.front()), 1e-4f)
        << case_.images[i].file;
    ASSERT_EQ(encoded[i].tokens.rows(), expected_[i]["tokens"].size()) << case_.images[i].file;
    rows.insert(encoded[i].tokens.rows());
    for (std::size_t row = 0; row < encoded[i].tokens.rows(); ++row) {
      const auto wanted = expected_[i]["tokens"][row].get<std::vector<float>>();
      EXPECT_LE(golden::max_difference(encoded[i].tokens.row(row), wanted), 1e-4f) << row;
    }
  }
  EXPECT_EQ(rows.size(), 5u) << "of six pictures two have equally many words";
}

TEST_F(TandemTags, APictureDoesNotDependOnItsBatch) {
  const auto together = model_->encode_images(inputs_, kBoth);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto alone = model_->encode_images({&inputs_[i], 1}, kBoth);
    EXPECT_LE(difference(alone.front().embedding, together[i].embedding), 1e-6f) << i;
    EXPECT_LE(difference(alone.front().tokens, together[i].tokens), 1e-5f) << i;
  }
}

TEST_F(TandemTags, MatchLogitsAgree) {
  const auto encoded = model_->encode_images(inputs_, kBoth);
  std::vector<MatrixView> tokens(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) tokens[i] = encoded[i].tokens;
  ASSERT_EQ(case_.pairs.size(), 18u);
  for (std::size_t text = 0; text < case_.texts.size(); ++text) {
    const auto logits = model_->match(case_.texts[text].ids, tokens);
    for (const auto& pair : case_.pairs) {
      if (pair.text != text) continue;
      EXPECT_NEAR(logits[pair.image], pair.logit, 1e-3f) << case_.texts[text].text;
    }
  }
}

TEST_F(TandemTags, AllPairsAtOnceAgree) {
  const auto network = network_of(config_text());
  const c10::InferenceMode inference;
  const auto tokens = models::tokens_of(network->encode_images({at::cat(pixels_), {}, {}, {}}, kBoth));
  const auto texts = text_groups();
  std::vector<MatchPair> pairs;
  for (auto pair = case_.pairs.rbegin(); pair != case_.pairs.rend(); ++pair)
    pairs.push_back({pair->text, pair->image});
  const at::Tensor logits = network->match_pairs(texts, tokens, pairs).contiguous();
  ASSERT_EQ(logits.numel(), static_cast<std::int64_t>(pairs.size()));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_NEAR(logits.data_ptr<float>()[i], case_.pairs[pairs.size() - 1 - i].logit, 1e-3f) << i;
  }
}

// Without the field text and picture meet in the first of the shared layers.
TEST_F(TandemTags, MatchLogitsOfAllSharedLayersAgree) {
  auto config = nlohmann::json::parse(config_text());
  ASSERT_EQ(config["match_layers"], 1);
  config.erase("match_layers");
  const auto network = network_of(config.dump());
  const c10::InferenceMode inference;
  const auto tokens = models::tokens_of(network->encode_images({at::cat(pixels_), {}, {}, {}}, kBoth));
  for (const auto& pair : expected_pairs_) {
    const MatchPair places{pair["text_index"], pair["image_index"]};
    const at::Tensor logit = network->match_pairs(text_groups(), tokens, {&places, 1});
    EXPECT_NEAR(logit.item<float>(), pair["logit_by_all_layers"].get<float>(), 1e-3f);
    EXPECT_GT(std::abs(logit.item<float>() - pair["logit"].get<float>()), 1e-2f);
  }
}

TEST_F(TandemTags, FactorsAreAPartOfTheLogit) {
  auto config = nlohmann::json::parse(config_text());
  config.erase("match_factors");
  const auto plain = network_of(config.dump()), whole = network_of(config_text());
  EXPECT_FALSE(plain->match_factor_scale().defined());
  const c10::InferenceMode inference;
  const auto texts = text_groups();
  const ImageBatch read = whole->read_tower({at::cat({pixels_[0], pixels_[3]}), {}, {}, {}});
  for (const bool with_tags : {true, false}) {
    const ImageBatch images = with_tags ? read : models::from_tower(read.features);
    const at::Tensor expected =
        whole->match_factor_scale() * at::mm(whole->text_factors(texts), whole->image_factors(images).t());
    std::vector<MatchPair> pairs;
    for (std::size_t text = 0; text < texts.size(); ++text) {
      for (std::size_t image = 0; image < 2; ++image) pairs.push_back({text, image});
    }
    const auto logits = [&](const models::Network& network) {
      return network.match_pairs(texts, models::tokens_of(network.encode_images(images, kBoth)), pairs);
    };
    const at::Tensor part = logits(*whole) - logits(*plain);
    EXPECT_LE(difference(part.view(expected.sizes()), expected), 1e-5f) << with_tags;
    EXPECT_GT(expected.std().item<float>(), 0.1f);
  }
}

TEST_F(TandemTags, HubnessIsOfTheTextAloneAndLeftOutInTraining) {
  auto config = nlohmann::json::parse(config_text());
  config.erase("match_hubness");
  const auto plain = network_of(config.dump()), whole = network_of(config_text());
  EXPECT_EQ(plain->hubness_centres(), 0);
  EXPECT_EQ(whole->hubness_centres(), 6);
  const c10::InferenceMode inference;
  const auto tokens = models::tokens_of(whole->encode_images({at::cat(pixels_), {}, {}, {}}, kBoth));
  const auto texts = text_groups();
  std::vector<MatchPair> pairs;
  for (std::size_t text = 0; text < texts.size(); ++text) {
    for (std::size_t image = 0; image < tokens.size(); ++image) pairs.push_back({text, image});
  }
  const auto logits = [&](const models::Network& network) {
    return network.match_pairs(texts, tokens, pairs).view({static_cast<std::int64_t>(texts.size()), -1});
  };
  const at::Tensor part = logits(*plain) - logits(*whole);
  EXPECT_LE((part - part.select(1, 0).unsqueeze(1)).abs().max().item<float>(), 1e-4f);
  EXPECT_GT(part.select(1, 0).std().item<float>(), 0.1f);
  whole->train();
  EXPECT_LE(difference(logits(*plain), logits(*whole)), 1e-5f);
}

TEST_F(TandemTags, RefusesHubnessThatCannotBe) {
  auto config = nlohmann::json::parse(config_text());
  config["match_hubness"]["scale"] = 0;
  expect_error(ErrorCode::kBadFormat, {"match_hubness", "scale", "above 0"},
               [&] { network_of(config.dump()); });
  config["match_hubness"] = {{"centres", 0}, {"scale", 20}, {"weight", 20}};
  expect_error(ErrorCode::kBadFormat, {"match_hubness", "centres"}, [&] { network_of(config.dump()); });
}

// Captions and tags.
TEST_F(TandemTags, KeptTextsGiveTheSame) {
  const auto computing = network_of(config_text()), keeping = network_of(config_text());
  EXPECT_THROW(keeping->keep_text_states(text_groups().front().ids), Error) << "the stem is trained";
  for (const auto& item : keeping->named_parameters()) item.value().requires_grad_(false);
  const ImageBatch read = keeping->read_tower({at::cat(pixels_), {}, {}, {}});
  for (const at::Tensor& row : read.text.unbind(0)) {
    keeping->keep_text_states(row.masked_select(row.ge(0)).unsqueeze(0));
  }
  for (const models::TextGroup& group : text_groups()) keeping->keep_text_states(group.ids);
  // What is kept is read: otherwise this would change it.
  for (const auto& item : keeping->named_parameters()) {
    if (item.key().starts_with("stem.")) item.value().zero_();
  }
  const c10::InferenceMode inference;
  const ImageStates found = keeping->encode_images(read, kBoth),
                    wanted = computing->encode_images(read, kBoth);
  EXPECT_LE(difference(found.tokens, wanted.tokens), 1e-5f);
  EXPECT_LE(difference(found.embeddings, wanted.embeddings), 1e-6f);
  EXPECT_LE(
      difference(keeping->embed_text_groups(text_groups()), computing->embed_text_groups(text_groups())),
      1e-6f);
}

// A text that comes again, in an embedding or a match, is not read again, and one that has gone is.
TEST_F(TandemTags, RememberedTextsGiveTheSame) {
  const auto plain = network_of(config_text()), remembering = network_of(config_text());
  remembering->remember_texts(2);
  const c10::InferenceMode inference;
  const auto tokens = models::tokens_of(plain->encode_images({pixels_[0], {}, {}, {}}, kBoth));
  const MatchPair pair{0, 0};
  const auto embeds = [&](const models::TextGroup& text) {
    EXPECT_LE(difference(remembering->embed_text_groups({&text, 1}), plain->embed_text_groups({&text, 1})),
              0);
  };
  const auto matches = [&](const models::TextGroup& text) {
    EXPECT_LE(difference(remembering->match_pairs({&text, 1}, tokens, {&pair, 1}),
                         plain->match_pairs({&text, 1}, tokens, {&pair, 1})),
              0);
  };
  for (const bool match_first : {false, true, false}) {
    for (models::TextGroup text : text_groups()) {
      text.members = {0};
      if (match_first) matches(text);
      embeds(text);
      matches(text);
    }
  }
  // What is remembered is read: otherwise this would change it.
  models::TextGroup last = text_groups().back();
  last.members = {0};
  const at::Tensor before = remembering->embed_text_groups({&last, 1});
  for (const auto& item : remembering->named_parameters()) {
    if (item.key().starts_with("stem.") || item.key().starts_with("shared.")) item.value().zero_();
  }
  EXPECT_LE(difference(remembering->embed_text_groups({&last, 1}), before), 0);
  models::TextGroup first = text_groups().front();
  first.members = {0};
  EXPECT_GT(difference(remembering->embed_text_groups({&first, 1}), plain->embed_text_groups({&first, 1})),
            0.01F)
      << "two are remembered";
}

TEST_F(TandemTags, ATowerGivesTagsThatMayBeLeftOut) {
  const auto network = network_of(config_text());
  const c10::InferenceMode inference;
  const at::Tensor pixels = at::cat({pixels_[0], pixels_[3]});
  ImageBatch read = network->read_tower({.pixels = pixels, .features = {}, .boxes = {}, .text = {}});
  const ImageStates whole = network->encode_images(read, kBoth);
  EXPECT_EQ(whole.token_counts.sizes(), at::IntArrayRef{2});
  EXPECT_LE(difference(network->encode_images({pixels, {}, {}, {}}, kBoth).embeddings, whole.embeddings),
            1e-6f);

  ImageBatch bare = read;
  bare.text = at::Tensor();
  const ImageStates grid = network->encode_images(bare, kBoth);
  EXPECT_EQ(grid.tokens.size(1), 5 + 1);
  bare.text = read.text.slice(1, 0, 0);
  EXPECT_LE(difference(network->encode_images(bare, kBoth).embeddings, grid.embeddings), 0);

  // Tags dropped of the first picture only.
  read.text = read.text.clone();
  read.text[0].fill_(-1);
  const ImageStates mixed = network->encode_images(read, kBoth);
  EXPECT_LE(difference(mixed.embeddings[0], grid.embeddings[0]), 1e-6f);
  EXPECT_LE(difference(mixed.embeddings[1], whole.embeddings[1]), 1e-6f);
  EXPECT_EQ(mixed.token_counts[0].item<std::int64_t>(), 5 + 1);
  EXPECT_EQ(mixed.tokens[0].slice(0, 5 + 1).abs().sum().item<float>(), 0);
}

TEST_F(TandemTags, GradientsReachTheTypeOfTagsThroughAllGroups) {
  const auto network = network_of(config_text());
  ImageBatch read = network->read_tower({at::cat(pixels_), {}, {}, {}});
  read.features = read.features.detach();
  const ImageStates states = network->encode_images(read, kBoth);
  (states.embeddings.sum() + states.tokens.sum()).backward();
  const auto parameters = network->named_parameters();
  EXPECT_GT(parameters["tag_type"].grad().abs().sum().item<float>(), 0);
  EXPECT_GT(parameters["image_class.weight"].grad().abs().sum().item<float>(), 0);
  EXPECT_FALSE(parameters["tagger.network.classes.weight"].grad().defined()) << "words have no gradient";
}

TEST_F(TandemTags, WithoutATaggerThePictureIsItsGrid) {
  auto config = nlohmann::json::parse(config_text());
  config["image"].erase("tagger");
  const auto plain = network_of(config.dump());
  const auto tagging = network_of(config_text());
  EXPECT_EQ(plain->tower().size() + 1, tagging->tower().size());
  const c10::InferenceMode inference;
  ImageBatch bare = tagging->read_tower({at::cat(pixels_), {}, {}, {}});
  bare.text = at::Tensor();
  const ImageStates found = plain->encode_images({at::cat(pixels_), {}, {}, {}}, kBoth);
  const ImageStates wanted = tagging->encode_images(bare, kBoth);
  EXPECT_LE(difference(found.embeddings, wanted.embeddings), 0);
  EXPECT_LE(difference(found.tokens, wanted.tokens), 0);
}

}  // namespace
}  // namespace tandem
