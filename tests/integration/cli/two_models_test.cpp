// Two models that work together, and region features with tags, through the command.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const fs::path kGolden = TANDEM_TEST_DATA;

std::string model(const std::string& name) { return (kGolden / name / "model").string(); }

// The match logit of a text with each picture of the folder, by `tandem match`.
class TwoModelsTest : public PhotosTest {
 protected:
  std::map<std::string, float> logits_of(const std::string& reranker, const std::string& text) {
    Arguments arguments = {"match", "--model", reranker, "--text", text};
    for (const auto& file : fs::directory_iterator(path("photos"))) {
      if (file.path().extension() == ".jpg") arguments.insert(arguments.end(), {"--image", file.path()});
    }
    std::map<std::string, float> logits;
    for (const Json& pair : run_json(arguments)) {
      logits[pair["image"].get<std::string>()] = pair["logit"].get<float>();
    }
    return logits;
  }
  // fp16 tokens are off by 2^-11 of a value, and a logit, which is a difference, by about as much of the
  // largest.
  void expect_reranked(const std::vector<Json>& hits, const std::map<std::string, float>& logits) {
    ASSERT_EQ(hits.size(), logits.size());
    float largest = 1;
    for (const auto& [path, logit] : logits) largest = std::max(largest, std::abs(logit));
    float last = INFINITY;
    for (const Json& hit : hits) {
      const float logit = hit["logit"].get<float>();
      EXPECT_NEAR(logit, logits.at(hit["path"].get<std::string>()), 1e-3 * largest) << hit;
      EXPECT_LE(logit, last);
      last = logit;
    }
  }
};

// What finds, what ranks.
class PairsOfFamiliesTest : public TwoModelsTest,
                            public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(PairsOfFamiliesTest, TheFirstFindsAndTheSecondRanks) {
  const std::string first = model(GetParam().first);
  const std::string second = model(GetParam().second);
  EXPECT_EQ(index({"--model", first, "--reranker", second})["added"], 4);
  const Json info = run_json({"info", gallery_}).at(0);
  EXPECT_EQ(info["format_version"], 2);
  EXPECT_EQ(info["model_path"], fs::canonical(first).string());
  EXPECT_EQ(info["reranker"]["model_path"], fs::canonical(second).string());

  // The gallery knows its models.
  const std::string text = "a bus in the city";
  expect_reranked(run_json({"search", gallery_, text}), logits_of(second, text));
  const auto plain = run_json({"search", gallery_, text, "--no-rerank"});
  EXPECT_TRUE(plain.at(0)["logit"].is_null());
  const Json embedding = run_json({"embed", "--model", first, "--text", text}).at(0)["embedding"];
  EXPECT_EQ(embedding.size(), info["dim"].get<std::size_t>());
  EXPECT_EQ(index()["unchanged"], 4) << "and once more without naming them";
}

INSTANTIATE_TEST_SUITE_P(Families, PairsOfFamiliesTest,
                         ::testing::Values(std::pair("clip-gelu", "blip-itm"), std::pair("siglip", "vilt"),
                                           std::pair("altclip", "bridgetower"),
                                           std::pair("clip-gelu", "blip2-itm")),
                         [](const auto& pair) {
                           std::string name = std::string(pair.param.first) + "_" + pair.param.second;
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(TwoModelsTest, OtherModelsAreRefusedAndOtherPlacesTaken) {
  fs::copy(model("clip-gelu"), path("clip"), fs::copy_options::recursive);
  fs::copy(model("blip-itm"), path("blip"), fs::copy_options::recursive);
  index({"--model", path("clip"), "--reranker", path("blip")});
  EXPECT_THAT(expect_failure(2, {"search", gallery_, "a bus", "--reranker", model("vilt")}),
              HasSubstr("vilt"));
  EXPECT_THAT(expect_failure(2, {"search", gallery_, "a bus", "--model", model("blip-itm")}),
              HasSubstr("not with"));
  EXPECT_THAT(expect_failure(2, {"index", gallery_, path("photos"), "--reranker", model("vilt")}),
              HasSubstr("vilt"));
  fs::rename(path("blip"), path("elsewhere"));
  EXPECT_THAT(expect_failure(3, {"search", gallery_, "a bus"}), HasSubstr("name its place by --reranker"));
  EXPECT_EQ(run_json({"search", gallery_, "a bus", "--no-rerank"}).size(), 4u) << "it is not needed";
  EXPECT_EQ(run_json({"search", gallery_, "--image", path("photos/panda.jpg")}).size(), 4u);
  EXPECT_EQ(run_json({"search", gallery_, "a bus", "--reranker", path("elsewhere")}).size(), 4u);
}

TEST_F(TwoModelsTest, ASecondThatCannotMatchIsRefused) {
  EXPECT_THAT(expect_failure(6, {"index", gallery_, path("photos"), "--model", model("blip-itm"),
                                 "--reranker", model("clip-gelu")}),
              HasSubstr("clip"));
  EXPECT_FALSE(fs::exists(gallery_));
}

TEST_F(TwoModelsTest, WhatWasFoundWithoutTokensIsRankedByAnyModel) {
  index({"--model", model("clip-gelu")});
  const std::string text = "a panda";
  expect_reranked(run_json({"search", gallery_, text, "--reranker", model("vilt")}),
                  logits_of(model("vilt"), text));
}

TEST_F(TwoModelsTest, ARepairComputesWithBoth) {
  index({"--model", model("clip-gelu"), "--reranker", model("blip-itm")});
  const auto hits = run_json({"search", gallery_, "a bus"});
  for (const char* segment : {"images-000001.seg", "tokens-000003.seg", "tokens-000002.seg"}) {
    const fs::path file = fs::path(gallery_) / segment;
    if (!fs::exists(file)) continue;
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(140);
    stream.put('\x55');
  }
  EXPECT_EQ(run_tandem({"verify", gallery_, "--deep"}).status, 4);
  const Json report = run_json({"verify", gallery_, "--repair"}).at(0);
  EXPECT_EQ(report["ok"], true);
  EXPECT_GE(report["recomputed_images"], 1);
  const auto after = run_json({"search", gallery_, "a bus"});
  ASSERT_EQ(after.size(), hits.size());
  for (std::size_t i = 0; i < hits.size(); ++i) EXPECT_EQ(after[i]["path"], hits[i]["path"]);
}

// The paper's OSCAR on its golden region files.
class RegionsTest : public CliTest {
 protected:
  RegionsTest() { fs::copy(kCase / "regions", path("regions"), fs::copy_options::recursive); }

  const fs::path kCase = kGolden / "paper/oscar_join";
  const Json expected_ = Json::parse(std::ifstream(kCase / "expected.json"));
  const std::string tags_ = path("tags.jsonl");

  std::string file(const Json& image_index) const {
    return path("regions/" + expected_["images"][image_index.get<std::size_t>()]["file"].get<std::string>());
  }
  // The golden tags, by the ids of the files.
  void write_tags() {
    std::ofstream lines(tags_);
    for (const Json& image : expected_["images_with_tags"]) {
      const std::string id = fs::path(file(image["image_index"])).stem();
      lines << Json{{"image", id}, {"tags", image["tags"]}}.dump() << "\n";
    }
  }
};

TEST_F(RegionsTest, TagsGiveTheReferencesEmbeddingsAndLogits) {
  write_tags();
  Arguments embed = {"embed", "--model", (kCase / "model").string(), "--tags-file", tags_, "--image"};
  for (const Json& image : expected_["images_with_tags"]) embed.push_back(file(image["image_index"]));
  const auto embedded = run_json(embed);
  ASSERT_EQ(embedded.size(), expected_["images_with_tags"].size());
  for (std::size_t i = 0; i < embedded.size(); ++i) {
    const auto found = embedded[i]["embedding"].get<std::vector<float>>();
    const auto wanted = expected_["images_with_tags"][i]["embedding"].get<std::vector<float>>();
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t k = 0; k < found.size(); ++k) EXPECT_NEAR(found[k], wanted[k], 1e-4) << i;
  }
  std::ofstream pairs(path("pairs.jsonl"));
  for (const Json& pair : expected_["pairs_with_tags"]) {
    const Json& text = expected_["texts"][pair["text_index"].get<std::size_t>()]["text"];
    pairs << Json{{"image", file(pair["image_index"])}, {"text", text}}.dump() << "\n";
  }
  pairs.close();
  const auto matched = run_json({"match", "--model", (kCase / "model").string(), "--tags-file", tags_,
                                 "--pairs-file", path("pairs.jsonl")});
  ASSERT_EQ(matched.size(), expected_["pairs_with_tags"].size());
  for (std::size_t i = 0; i < matched.size(); ++i) {
    EXPECT_NEAR(matched[i]["logit"].get<float>(), expected_["pairs_with_tags"][i]["logit"].get<float>(),
                1e-3);
  }
}

TEST_F(RegionsTest, ResultsShowThePhotosOfRegions) {
  fs::create_directory(path("photos"));
  fs::copy_file(kPhotos / "panda.jpg", path("photos/104.jpg"));
  fs::copy_file(kPhotos / "cat_yarn.jpg", path("regions/101.jpg"));
  const std::string gallery = path("gallery");
  run_json(
      {"index", gallery, path("regions"), "--model", (kCase / "model").string(), "--photos", path("photos")});
  std::map<std::string, std::string> photos;
  for (const Json& hit : run_json({"search", gallery, "a dog", "--html", path("page.html")})) {
    photos[fs::path(hit["path"].get<std::string>()).filename()] = hit["photo"].get<std::string>();
  }
  EXPECT_EQ(photos.at("101.npz"), path("regions/101.jpg"));
  EXPECT_EQ(photos.at("104.npz"), path("photos/104.jpg"));
  EXPECT_EQ(photos.at("110.npz"), path("regions/110.npz"));
  std::ifstream page(path("page.html"));
  const std::string html((std::istreambuf_iterator<char>(page)), {});
  std::size_t shown = 0;
  for (auto at = html.find("data:image/jpeg"); at != html.npos; at = html.find("data:image/jpeg", at + 1))
    ++shown;
  EXPECT_EQ(shown, 2u);
}

}  // namespace
}  // namespace tandem
