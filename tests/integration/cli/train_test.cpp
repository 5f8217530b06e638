// Trainings by the command: a model of the paper's with three narrow layers, four pictures of regions.
// TANDEM_TRAINING_KILLS sets how often one is killed.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <thread>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kTiny = std::filesystem::path(TANDEM_TEST_DATA) / "training" / "joint_oscar";

class TrainTest : public CliTest {
 protected:
  TrainTest() {
    std::ifstream file(kTiny / "expected.json");
    const Json expected = Json::parse(file);
    std::ofstream captions(path("captions.jsonl"));
    std::size_t number = 0;
    for (const std::filesystem::path name : expected["images"]) {
      if (name.extension() != ".npz") continue;  // the others know their picture's name
      for (const std::string split : {"train", "dev"}) {
        // A picture of a set is in one split: the same regions under two names.
        const std::string picture = split + name.string();
        std::filesystem::copy_file(kTiny / "regions" / name, path(picture));
        captions << Json{{"image", picture},
                         {"split", split},
                         {"captions", {{"en", {expected["captions"][number], "another of them"}}}}}
                 << '\n';
      }
      ++number;
    }
  }

  // `more`: options that are added, or take the place of these.
  Arguments train(const std::string& out, const std::map<std::string, std::string>& more = {}) const {
    std::map<std::string, std::string> options = {{"--model", (kTiny / "model").string()},
                                                  {"--data", path("captions.jsonl")},
                                                  {"--region-files", path("")},
                                                  {"--out", path(out)},
                                                  {"--rounds", "12"},
                                                  {"--batch-size", "4"},
                                                  {"--learning-rate", "1e-3"},
                                                  {"--evaluate-every", "5"},
                                                  {"--checkpoint-every", "1"},
                                                  {"--threads", "1"}};
    for (const auto& [name, value] : more) options[name] = value;
    Arguments arguments = {"train"};
    for (const auto& [name, value] : options) arguments.insert(arguments.end(), {name, value});
    return arguments;
  }
  std::string bytes_of(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // The records of one kind, without what depends on the clock.
  std::vector<Json> records(const std::string& out, const std::string& kind) const {
    std::vector<Json> records;
    for (Json record : json_lines(bytes_of(out + "/metrics.jsonl"))) {
      if (record["kind"] != kind) continue;
      record.erase("pairs_per_second");
      records.push_back(std::move(record));
    }
    return records;
  }
};

TEST_F(TrainTest, TellsOfEvaluationsAndLeavesAModelThatLoads) {
  const auto lines = run_json(train("out"));
  ASSERT_EQ(lines.size(), 5u) << "the model that it begins with, rounds 5, 10 and 12, and the result";
  EXPECT_EQ(lines[0]["kind"], "dev");
  EXPECT_EQ(lines[0]["round"], 0);
  EXPECT_EQ(lines[1]["round"], 5);
  EXPECT_TRUE(lines[1].contains("emb_t2i_r1") && lines[1].contains("coop_mean_recall"));
  EXPECT_EQ(lines[4]["finished"], true);
  EXPECT_EQ(lines[4]["start_score"], lines[0]["score"]);
  EXPECT_EQ(run_json({"info", lines[4]["model"].get<std::string>()}).at(0)["match"], true);
  EXPECT_EQ(records("out", "train").size(), 12u);
  EXPECT_EQ(run_json(train("out")).size(), 1u) << "nothing is left to do";
}

TEST_F(TrainTest, KilledAtAnyInstantItGoesOnToTheSameEnd) {
  run_json(train("whole"));
  const char* wanted = std::getenv("TANDEM_TRAINING_KILLS");
  const int kills = wanted == nullptr ? 10 : std::atoi(wanted);
  std::mt19937 random(7);
  for (int kill = 0; kill < kills;) {
    Program program(tandem_command(train("killed")));
    std::this_thread::sleep_for(std::chrono::milliseconds(300 + random() % 1500));
    program.kill(SIGKILL);
    const Outcome outcome = program.wait();
    ASSERT_TRUE(outcome.signal == SIGKILL || outcome.status == 0) << outcome.err;
    if (outcome.signal == SIGKILL) {
      ++kill;
    } else {
      // It was done before it was killed: once more, from the beginning.
      EXPECT_EQ(bytes_of("killed/model/model.safetensors"), bytes_of("whole/model/model.safetensors"));
      std::filesystem::remove_all(path("killed"));
    }
  }
  run_json(train("killed"));
  EXPECT_EQ(bytes_of("killed/model/model.safetensors"), bytes_of("whole/model/model.safetensors"));
  EXPECT_EQ(records("killed", "train"), records("whole", "train"));
  EXPECT_EQ(records("killed", "dev"), records("whole", "dev"));
}

TEST_F(TrainTest, CtrlCKeepsWhatWasDone) {
  Program program(tandem_command(
      train("out", {{"--rounds", "100000"}, {"--checkpoint-every", "0"}, {"--evaluate-every", "0"}})));
  for (int waits = 0; bytes_of("out/metrics.jsonl").empty() && waits < 3000; ++waits) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  program.kill(SIGINT);
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("stopping behind this step"));
  EXPECT_THAT(outcome.err, HasSubstr("the same command goes on from there"));
  EXPECT_THAT(outcome.out, HasSubstr("no model yet"));
  EXPECT_TRUE(std::filesystem::exists(path("out/checkpoint.safetensors")));
  EXPECT_FALSE(records("out", "train").empty());
}

// Every loss is that of the whole batch, whichever process computed which part of it.
TEST_F(TrainTest, TwoProcessesHaveTheLossesOfOne) {
  for (const char* loss : {"triplet", "infonce"}) {
    SCOPED_TRACE(loss);
    const std::map<std::string, std::string> more = {{"--dropout", "0"}, {"--loss", loss}, {"--rounds", "6"}};
    const std::string one = std::string("one") + loss, two = std::string("two") + loss;
    run_json(train(one, more));
    const auto process = [&](const char* rank) {
      return Program(tandem_command(train(two, more)), {}, [rank, loss] {
        ::setenv("WORLD_SIZE", "2", 1);
        ::setenv("RANK", rank, 1);
        ::setenv("MASTER_ADDR", "127.0.0.1", 1);
        ::setenv("MASTER_PORT", loss[0] == 't' ? "29517" : "29518", 1);
      });
    };
    Program first = process("0"), second = process("1");
    const Outcome of_first = first.wait(), of_second = second.wait();
    ASSERT_EQ(of_first.status, 0) << of_first.err;
    ASSERT_EQ(of_second.status, 0) << of_second.err;
    const auto expected = records(one, "train"), found = records(two, "train");
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      // Sums in another order: some 1e-6, which training magnifies.
      EXPECT_NEAR(found[i]["emb"].get<double>(), expected[i]["emb"].get<double>(), 1e-4) << i;
      EXPECT_NEAR(found[i]["ce"].get<double>(), expected[i]["ce"].get<double>(), 1e-4) << i;
    }
  }
}

TEST_F(TrainTest, ReadsAConfigurationThatTheCommandLineCorrects) {
  std::ofstream(path("run.json")) << Json{{"model", (kTiny / "model").string()},
                                          {"data", path("captions.jsonl")},
                                          {"region_files", path("")},
                                          {"out", path("out")},
                                          {"task", "emb"},
                                          {"rounds", 500},
                                          {"negatives", {{"each", 2}}}};
  const auto lines =
      run_json({"train", path("run.json"), "--rounds", "2", "--freeze", "words.*,positions.*"});
  EXPECT_EQ(lines.back()["rounds"], 2);
  const Json options = Json::parse(bytes_of("out/train.json"));
  EXPECT_EQ(options["task"], "emb");
  EXPECT_EQ(options["learning_rate"], 2e-5) << "the paper's for embeddings";
  EXPECT_EQ(options["negatives"]["each"], 2);
  EXPECT_EQ(options["freeze"], (Json{"words.*", "positions.*"}));
}

TEST_F(TrainTest, SaysWhatIsWrongWithItsArguments) {
  EXPECT_THAT(expect_failure(2, {"train", "--out", path("out")}), HasSubstr("--data is missing"));
  EXPECT_THAT(expect_failure(3, {"train", path("none.json")}), HasSubstr("cannot be read"));
  EXPECT_THAT(expect_failure(2, train("out", {{"--loss", "l2"}})),
              HasSubstr("loss: found \"l2\"; \"l2\" is none of triplet, infonce, ntxent, sigmoid"));
  EXPECT_THAT(expect_failure(2, train("out", {{"--dev-split", "train"}})),
              HasSubstr("is trained on and in the development set"));
  EXPECT_THAT(expect_failure(2, train("out", {{"--split", "all"}})),
              HasSubstr("is trained on and in the development set"));
  std::ofstream(path("huge.json")) << R"({"learning_rate": 1e999})";
  EXPECT_THAT(expect_failure(4, {"train", path("huge.json")}), HasSubstr("a number that is out of range"));
  std::ofstream(path("half.json")) << R"({"rounds": )";
  EXPECT_THAT(expect_failure(4, {"train", path("half.json")}),
              HasSubstr("half.json: not valid JSON at byte"));
  EXPECT_THAT(expect_failure(2, train("out", {{"--batch-size", "1"}})), HasSubstr("batch_size must be"));
}

TEST_F(TrainTest, AssumesTheLanguageThatItIsTold) {
  std::ifstream file(path("captions.jsonl"));
  std::ofstream plain(path("plain.jsonl"));
  for (std::string line; std::getline(file, line);) {
    Json record = Json::parse(line);
    record["captions"] = Json(record["captions"]["en"]);
    plain << record << '\n';
  }
  plain.close();
  const std::map<std::string, std::string> german = {{"--data", path("plain.jsonl")}, {"--languages", "de"}};
  EXPECT_THAT(expect_failure(2, train("out", german)), HasSubstr("there are: en"));
  auto told = german;
  told["--assume-language"] = "de";
  EXPECT_EQ(run_json(train("out", told)).back()["finished"], true);
}

TEST_F(TrainTest, TellsWhereNoRoundIsBetterThanTheModelItBeganWith) {
  const Outcome outcome = run_tandem(train("out", {{"--learning-rate", "1e-30"}}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("no round scored better than the model it began with"));
  EXPECT_THAT(outcome.err, HasSubstr("tandem calibrate --model " + path("out/model")));
}

TEST_F(TrainTest, NamesTheFileThatItCannotWrite) {
  std::ofstream(path("file")) << "in the way";
  EXPECT_THAT(expect_failure(3, train("file/out")), HasSubstr(path("file")));
}

}  // namespace
}  // namespace tandem
