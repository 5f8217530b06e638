// Evaluations with the shipped model on the demo photos.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EvaluateTest : public CliTest {
 protected:
  // Temporary folders show, and are seen to go.
  EvaluateTest() {
    std::filesystem::create_directory(temporary_);
    ::setenv("TMPDIR", temporary_.c_str(), 1);
  }
  ~EvaluateTest() override { ::unsetenv("TMPDIR"); }

  std::vector<std::string> left_behind() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(temporary_)) names.push_back(entry.path());
    return names;
  }
  static const Json& find(const std::vector<Json>& results, const std::string& method,
                          const std::string& language, const std::string& direction) {
    for (const Json& result : results) {
      if (result["method"] == method && result["language"] == language && result["direction"] == direction) {
        return result;
      }
    }
    throw std::logic_error("no such result");
  }

  static void expect_gain_over(const Json& emb, const Json& result) {
    SCOPED_TRACE(result.dump());
    if (result["method"] == "emb") {
      EXPECT_TRUE(result["gain"].is_null());
      return;
    }
    const Json& gain = result["gain"];
    EXPECT_EQ(gain["over"], "emb");
    const auto expect_difference = [&](const Json& value, const Json& interval, const Json& one,
                                       const Json& other) {
      EXPECT_NEAR(value.get<double>(), one.get<double>() - other.get<double>(), 1e-6);
      EXPECT_LE(interval[0], value);
      EXPECT_GE(interval[1], value);
    };
    for (const char* k : {"1", "5", "10"}) {
      expect_difference(gain["recall"][k], gain["interval"]["recall"][k], result["recall"][k],
                        emb["recall"][k]);
    }
    for (const char* name : {"mrr", "ndcg_at_10"}) {
      expect_difference(gain[name], gain["interval"][name], result[name], emb[name]);
    }
  }

  const std::string temporary_ = path("tmp");
};

// The figures of README.md, which were computed in fp32.
TEST_F(EvaluateTest, TheDemoPhotosAreFoundAsTheReadmeSays) {
  const auto results = run_json({"evaluate", "--data", kPhotos, "--method", "emb"});
  EXPECT_EQ(results.size(), 2u * 5) << "four languages, and all together";
  const std::map<std::string, std::array<double, 3>> wanted = {{"en", {0.544, 0.883, 0.967}},
                                                               {"de", {0.567, 0.850, 0.917}},
                                                               {"fr", {0.483, 0.867, 0.950}},
                                                               {"cs", {0.433, 0.767, 0.850}}};
  for (const auto& [language, recall] : wanted) {
    const Json& result = find(results, "emb", language, "text_to_image");
    SCOPED_TRACE(result.dump());
    EXPECT_EQ(result["queries"], language == "en" ? 180 : 60);
    EXPECT_NEAR(result["recall"]["1"].get<double>(), recall[0], 0.0006);
    EXPECT_NEAR(result["recall"]["5"].get<double>(), recall[1], 0.0006);
    EXPECT_NEAR(result["recall"]["10"].get<double>(), recall[2], 0.0006);
    EXPECT_LT(result["interval"]["recall"]["1"][0], result["recall"]["1"]);
    EXPECT_GT(result["interval"]["recall"]["1"][1], result["recall"]["1"]);
    EXPECT_TRUE(result["k"].is_null());
    EXPECT_GT(result["latency"]["shortlist"]["median_ms"], 0);
  }
  EXPECT_EQ(find(results, "emb", "all", "text_to_image")["queries"], 360);
  EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(EvaluateTest, AKeptGalleryIsUsedAgainAndThePageIsWhole) {
  const Arguments sweep = {
      "evaluate",  "--data",        kPhotos,    "--language",       "de", "--k", "2,5", "--lambda", "0.5,1",
      "--gallery", path("gallery"), "--report", path("report.html")};
  const auto first = run_json(sweep);
  EXPECT_EQ(first.size(), 2u + 2 * 2 * 2) << "emb, and coop because the model can match";
  EXPECT_EQ(run_json({"info", path("gallery")}).at(0)["images"], 60);
  const auto second = run_json(sweep);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i]["recall"], second[i]["recall"]);
    EXPECT_EQ(first[i]["mrr"], second[i]["mrr"]);
    EXPECT_EQ(first[i]["interval"], second[i]["interval"]);
    EXPECT_EQ(first[i]["gain"], second[i]["gain"]);
    expect_gain_over(find(first, "emb", "de", first[i]["direction"]), first[i]);
  }
  std::ifstream file(path("report.html"));
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const char* part : {"<svg", "Gain over the embeddings alone", "Longer shortlists",
                           "Cosine and match together", "Worst failures, text to image",
                           "Worst failures, image to text", "data:image/jpeg;base64,", "</html>"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
  EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(EvaluateTest, ThePeoplesTablesHaveAHeaderAndARowForEachResult) {
  const Outcome outcome =
      run_tandem({"evaluate", "--data", kPhotos, "--limit", "5", "--method", "emb,ce", "--language", "fr"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto gains = outcome.out.find("\nGain over emb on the same queries");
  ASSERT_NE(gains, std::string::npos) << outcome.out;
  const auto gains_begin = outcome.out.begin() + static_cast<std::ptrdiff_t>(gains);
  EXPECT_EQ(std::count(outcome.out.begin(), gains_begin, '\n'), 5) << outcome.out;
  EXPECT_EQ(std::count(gains_begin, outcome.out.end(), '\n'), 2 + 3 + 2) << "of ce alone: " << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("\n\nOne query: ")) << "behind the tables";
  EXPECT_THAT(outcome.out, HasSubstr("R@10"));
}

TEST_F(EvaluateTest, APictureThatCannotBeReadIsToldAndItsQueriesFail) {
  std::filesystem::create_directory(path("my data"));
  std::filesystem::copy_file(kPhotos / "panda.jpg", path("my data/panda.jpg"));
  std::ofstream(path("my data/broken.jpg")) << "no picture";
  std::ofstream(path("my data/captions.jsonl")) << R"({"file": "panda.jpg", "captions": ["a panda"]})"
                                                << "\n"
                                                << R"({"file": "broken.jpg", "captions": ["a dog", ""]})"
                                                << "\n"
                                                << R"({"file": "gone.jpg", "captions": ["a cat"]})"
                                                << "\n";
  const Outcome outcome = run_tandem(
      {"evaluate", "--data", path("my data"), "--images", path("my data"), "--method", "emb", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("1 picture missing, for example "));
  EXPECT_THAT(outcome.err, HasSubstr("skipped "));
  EXPECT_THAT(outcome.err, HasSubstr("1 caption empty"));
  EXPECT_THAT(outcome.err, HasSubstr("2 pictures of 3 could not be read: their queries count as failures"));
  const Json result = json_lines(outcome.out).at(0);
  EXPECT_EQ(result["queries"], 3);
  EXPECT_EQ(result["unanswered"], 2);
  EXPECT_EQ(result["missing_images"], 2);
}

TEST_F(EvaluateTest, WrongUsageIsRefusedBeforeAnythingIsComputed) {
  EXPECT_THAT(expect_failure(2, {"evaluate", "--data", kPhotos, "--split", "dev"}),
              AllOf(HasSubstr("no split \"dev\""), HasSubstr("the split \"all\"")));
  EXPECT_THAT(expect_failure(2, {"evaluate", "--data", kPhotos, "--lambda", "2"}), HasSubstr("lambda (2)"));
  EXPECT_THAT(expect_failure(2, {"evaluate", "--data", kPhotos, "--k", "0"}), HasSubstr("shortlist of 0"));
  EXPECT_THAT(expect_failure(2, {"evaluate", "--data", kPhotos, "--method", "both"}), HasSubstr("--method"));
  expect_failure(2, {"evaluate"});
  expect_failure(3, {"evaluate", "--data", path("nowhere")});
  EXPECT_THAT(left_behind(), IsEmpty());
}

// Once it is in the middle of indexing, and its folder is there.
TEST_F(EvaluateTest, CtrlCTakesTheTemporaryGalleryAway) {
  for (const int times : {1, 2}) {
    Program evaluating(tandem_command({"evaluate", "--data", kPhotos, "--verbose"}), "", {});
    ASSERT_TRUE(evaluating.wait_for_error_text("committed")) << "it ended without a commit";
    ASSERT_THAT(left_behind(), ::testing::SizeIs(1));
    for (int i = 0; i < times; ++i) evaluating.kill(SIGINT);
    EXPECT_EQ(evaluating.wait().status, 130);
    EXPECT_THAT(left_behind(), IsEmpty());
  }
}

}  // namespace
}  // namespace tandem
