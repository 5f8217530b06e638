// The commands over a small gallery of real photos with the default model.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class GalleryTest : public PhotosTest {
 protected:
  void SetUp() override {
    PhotosTest::SetUp();
    write_file(path("photos/bad\n\xFF.jpg"), "no picture");
    summary_ = index({"--captions", captions_});
  }
  std::vector<Json> search(Arguments arguments) {
    arguments.insert(arguments.begin(), {"search", gallery_});
    return run_json(arguments);
  }
  static std::string name_of(const Json& hit) { return fs::path(hit["path"].get<std::string>()).filename(); }

  Json summary_;
};

TEST_F(GalleryTest, IndexingTellsWhatItDidAndTheSecondTimeDoesNothing) {
  EXPECT_EQ(summary_["added"], 4);
  EXPECT_EQ(summary_["skipped"], 1);
  EXPECT_EQ(summary_["images"], 4);
  const Json again = index();
  EXPECT_EQ(again["added"], 0);
  EXPECT_EQ(again["unchanged"], 4);
  EXPECT_EQ(again["skipped"], 1);

  const Outcome strict = run_tandem({"index", gallery_, path("photos"), "--strict"});
  EXPECT_EQ(strict.status, 4);
  EXPECT_THAT(strict.out, HasSubstr("bad\\n\xFF.jpg: is not a picture")) << "and the path once";
  const Outcome quiet = run_tandem({"index", gallery_, path("photos"), "-q"});
  EXPECT_EQ(quiet.out + quiet.err, "");
}

TEST_F(GalleryTest, SearchFindsByTextByPictureAndByBoth) {
  const auto by_text = search({"a kitten playing with a ball of wool"});
  ASSERT_EQ(by_text.size(), 4u) << "fewer than asked for";
  EXPECT_EQ(name_of(by_text[0]), "cat_yarn.jpg");
  for (std::size_t i = 0; i < by_text.size(); ++i) {
    const Json& hit = by_text[i];
    EXPECT_EQ(hit["rank"], i + 1);
    EXPECT_TRUE(hit["id"].is_number_integer());
    EXPECT_TRUE(fs::path(hit["path"].get<std::string>()).is_absolute());
    EXPECT_TRUE(hit["similarity"].is_number_float());
    EXPECT_TRUE(hit["logit"].is_number_float()) << "the default model reranks";
    EXPECT_TRUE(hit["probability"].is_number_float());
  }
  const auto by_picture = search({"--image", kPhotos / "city_bus.jpg", "-k", "2"});
  ASSERT_EQ(by_picture.size(), 2u);
  EXPECT_EQ(name_of(by_picture[0]), "city_bus.jpg");
  EXPECT_NEAR(by_picture[0]["similarity"].get<double>(), 1, 1e-4);
  EXPECT_EQ(search({"a bus", "--image", kPhotos / "city_bus.jpg"}).size(), 4u);
}

TEST_F(GalleryTest, RerankingPrintsBothScoresBestFirst) {
  const auto hits = search({"a lighthouse by the sea", "--rerank"});
  ASSERT_EQ(hits.size(), 4u);
  const Json fused = run_json({"info", kDefaultModel}).at(0)["calibration"]["fused"];
  ASSERT_FALSE(fused.is_null()) << "the default model is calibrated";
  double last = 1;
  for (const Json& hit : hits) {
    const double log_odds = fused["logit"].get<double>() * hit["logit"].get<double>() +
                            fused["similarity"].get<double>() * hit["similarity"].get<double>() +
                            fused["bias"].get<double>();
    const double probability = hit["probability"];
    EXPECT_NEAR(probability, 1 / (1 + std::exp(-log_odds)), 1e-5);
    EXPECT_LE(probability, last);
    last = probability;
  }
  const double second = hits[1]["probability"];
  const auto likely = search({"a lighthouse by the sea", "--min-probability", std::to_string(second)});
  EXPECT_LE(likely.size(), 2u);
}

TEST_F(GalleryTest, CaptionsAreFoundByPicture) {
  const auto hits = search({"--image", kPhotos / "panda.jpg", "--captions", "-k", "3"});
  ASSERT_EQ(hits.size(), 3u);
  for (const char* key : {"rank", "id", "image", "text", "language", "similarity", "logit", "probability"}) {
    EXPECT_TRUE(hits[0].contains(key)) << key;
  }
}

TEST_F(GalleryTest, TheTableAndThePageShowTheHits) {
  const Outcome outcome =
      run_tandem({"search", gallery_, "<b>a bus", "--html", path("hits.html"), "--rerank"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("probability"));
  EXPECT_THAT(outcome.out, HasSubstr("city_bus.jpg"));
  std::ifstream file(path("hits.html"));
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(page, HasSubstr("data:image/jpeg;base64,"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;a bus"));
  EXPECT_THAT(page, Not(HasSubstr("src=\"/")));
}

TEST_F(GalleryTest, InfoTellsOfGalleriesAndModels) {
  const Json info = run_json({"info", gallery_, "--skipped"}).at(0);
  EXPECT_EQ(info["images"], 4);
  EXPECT_EQ(info["skipped"], 1);
  EXPECT_EQ(info["tokens"], "fp16");
  EXPECT_TRUE(info["max_tokens"].is_null()) << "all";
  EXPECT_EQ(info["model"], "tandem");
  EXPECT_EQ(info["dim"], 384);
  EXPECT_GT(info["bytes"], 0);
  EXPECT_FALSE(info["skipped_files"].at(0)["reason"].get<std::string>().empty());
  const Json model = run_json({"info", kDefaultModel}).at(0);
  EXPECT_EQ(model["match"], true);
  EXPECT_EQ(model["rerank_by_default"], true);
}

TEST_F(GalleryTest, VerifyFindsWhatIsDamaged) {
  EXPECT_EQ(run_json({"verify", gallery_, "--deep"}).at(0)["ok"], true);
  for (const auto& entry : fs::recursive_directory_iterator(gallery_)) {
    if (entry.is_regular_file() && entry.file_size() > 5000 && entry.path().extension() != ".sqlite") {
      fs::resize_file(entry.path(), entry.file_size() / 2);
    }
  }
  const Outcome damaged = run_tandem({"verify", gallery_, "--deep", "--json"});
  EXPECT_EQ(damaged.status, 4) << damaged.err;
}

TEST_F(GalleryTest, RemoveTakesPicturesOutOnce) {
  const auto removed = run_json({"remove", gallery_, path("photos/../photos/panda.jpg")}).at(0);
  EXPECT_EQ(removed["removed"], 1);
  EXPECT_EQ(removed["images"], 3);
  EXPECT_TRUE(fs::exists(path("photos/panda.jpg"))) << "the file stays";
  EXPECT_EQ(run_tandem({"remove", gallery_, path("photos/panda.jpg")}).status, 3);
  EXPECT_EQ(search({"a panda"}).size(), 3u);
}

TEST_F(GalleryTest, AnotherModelIsRefused) {
  const std::string clip = TANDEM_TEST_DATA "/clip-gelu/model";
  expect_failure(2, {"search", gallery_, "x", "--model", clip});
  expect_failure(2, {"index", gallery_, path("photos"), "--model", clip});
  expect_failure(2, {"index", gallery_, path("photos"), "--tokens", "int8"});
}

TEST_F(GalleryTest, ALimitOfTokensIsKeptAndTold) {
  const std::string small = path("small");
  EXPECT_EQ(run_json({"index", small, path("photos"), "--tokens", "int8:16"}).at(0)["images"], 4);
  const Json info = run_json({"info", small}).at(0);
  EXPECT_EQ(info["tokens"], "int8");
  EXPECT_EQ(info["max_tokens"], 16);
  EXPECT_TRUE(run_json({"search", small, "a panda", "--rerank"}).at(0)["logit"].is_number_float());
  EXPECT_EQ(run_json({"index", small, path("photos")}).at(0)["unchanged"], 4);
  EXPECT_EQ(run_json({"index", small, path("photos"), "--tokens", "int8:16"}).at(0)["unchanged"], 4);
  for (const char* other : {"int8", "int8:17", "fp16:16", "none"}) {
    EXPECT_THAT(expect_failure(2, {"index", small, path("photos"), "--tokens", other}), HasSubstr("int8:16"));
  }
}

TEST_F(GalleryTest, AModelWithoutAMatchingHeadIsUnsupportedWhereOneIsNeeded) {
  const std::string clip = TANDEM_TEST_DATA "/clip-gelu/model";
  expect_failure(6, {"match", "--model", clip, "--image", path("photos/panda.jpg"), "--text", "x"});
  const Json summary = run_json({"index", path("clip"), path("photos"), "--model", clip}).at(0);
  EXPECT_EQ(summary["images"], 4);
  EXPECT_EQ(run_json({"info", path("clip")}).at(0)["tokens"], "none");
  EXPECT_EQ(run_json({"search", path("clip"), "x"}).size(), 4u) << "the gallery names its model";
  expect_failure(6, {"search", path("clip"), "x", "--rerank"});
}

TEST_F(GalleryTest, EmbedKeepsTheOrderOfTheCommandLine) {
  const auto rows = run_json({"embed", "--text", "a", "--image", path("photos/panda.jpg"),
                              path("photos/city_bus.jpg"), "--text", "b"});
  ASSERT_EQ(rows.size(), 4u);
  const std::vector<std::string> kinds = {"text", "image", "image", "text"};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["kind"], kinds[i]);
    double squares = 0;
    for (const double value : rows[i]["embedding"]) squares += value * value;
    EXPECT_EQ(rows[i]["embedding"].size(), 384u);
    EXPECT_NEAR(squares, 1, 1e-4);
  }
  EXPECT_EQ(rows[0]["input"], "a");
  EXPECT_EQ(rows[1]["input"], path("photos/panda.jpg"));
}

TEST_F(GalleryTest, MatchIsImageMajorAndPairsKeepTheirOrder) {
  const std::string panda = path("photos/panda.jpg");
  const std::string bus = path("photos/city_bus.jpg");
  const auto all = run_json({"match", "--image", panda, bus, "--text", "a panda", "--text", "a bus"});
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1]["image"], panda);
  EXPECT_EQ(all[1]["text"], "a bus");
  EXPECT_EQ(all[2]["image"], bus);
  const auto pair = [](const std::string& image, const std::string& text) {
    return Json{{"image", image}, {"text", text}}.dump() + "\n";
  };
  write_file(path("pairs.jsonl"), pair(bus, "a bus") + pair(panda, "a panda") + pair(bus, "a panda"));
  const auto pairs = run_json({"match", "--pairs-file", path("pairs.jsonl")});
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_NEAR(pairs[0]["logit"].get<double>(), all[3]["logit"].get<double>(), 1e-4);
  EXPECT_NEAR(pairs[1]["logit"].get<double>(), all[0]["logit"].get<double>(), 1e-4);
  EXPECT_NEAR(pairs[2]["logit"].get<double>(), all[2]["logit"].get<double>(), 1e-4);
}

}  // namespace
}  // namespace tandem
