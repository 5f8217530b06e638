// What the command answers before it needs a model.
#include <gmock/gmock.h>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using UsageTest = CliTest;

TEST_F(UsageTest, HelpHasExamplesAndVersionIsTold) {
  const Outcome version = run_tandem({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, StartsWith("tandem "));
  EXPECT_THAT(run_tandem({"--help"}).out, HasSubstr("Exit status"));
  for (const char* command :
       {"index", "search", "remove", "compact", "verify", "info", "convert", "tokenize", "embed", "match"}) {
    const Outcome help = run_tandem({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_THAT(help.out, HasSubstr(std::string("  tandem ") + command + " ")) << "an example";
    EXPECT_THAT(help.out, HasSubstr("--json"));
  }
}

TEST_F(UsageTest, WrongUsageIsStatusTwo) {
  expect_failure(2, {});
  expect_failure(2, {"index"});
  EXPECT_THAT(expect_failure(2, {"index", path("g")}), HasSubstr("tandem index --help"));
  expect_failure(2, {"search", path("g"), "text", "--frobnicate"});
  expect_failure(2, {"search", path("g"), "text", "-k", "many"});
  expect_failure(2, {"search", path("g"), "text", "--min-probability", "1.5"});
  expect_failure(2, {"search", path("g"), "text", "--min-probability", "0.5", "--no-rerank"});
  expect_failure(2, {"search", path("g"), "text", "--rerank", "--no-rerank"});
  EXPECT_THAT(expect_failure(2, {"search", path("g")}), HasSubstr("nothing to search for"));
  expect_failure(2, {"search", path("g"), "text", "--captions"});
  for (const char* tokens : {"fp8", "int8:0", "int8:x", "none:5"}) {
    expect_failure(2, {"index", path("g"), path(""), "--tokens", tokens});
  }
  expect_failure(2, {"index", path("g"), path(""), "--quiet", "--verbose"});
  expect_failure(2, {"index", path("g"), path(""), "--watch", "--strict"});
  expect_failure(2, {"tokenize"});
  expect_failure(2, {"embed"});
  expect_failure(2, {"match", "--text", "x"});
  expect_failure(2, {"match", "--text", "x", "--pairs-file", "y"});
}

TEST_F(UsageTest, AnUnknownCommandIsToldWithThoseThatThereAre) {
  const std::string told = expect_failure(2, {"frobnicate"});
  for (const char* word :
       {"\"frobnicate\" is no command", "index, search", " and calibrate", "tandem --help"}) {
    EXPECT_THAT(told, HasSubstr(word));
  }
  EXPECT_THAT(expect_failure(2, {"frobnicate", "--json", "x"}), HasSubstr("\"frobnicate\""));
  EXPECT_THAT(expect_failure(2, {"--frobnicate"}), HasSubstr("tandem --help"));
}

TEST_F(UsageTest, PathsInBracketsAreNotTakenApart) {
  for (const std::string name : {"[x]", "[a,b]", "[]"}) {
    EXPECT_THAT(expect_failure(3, {"index", path("g"), name}), HasSubstr("/" + name + ": no such file"));
  }
}

TEST_F(UsageTest, WhatIsNotThereIsStatusThree) {
  EXPECT_THAT(expect_failure(3, {"index", path("g"), path("nowhere")}), HasSubstr("nowhere"));
  EXPECT_FALSE(std::filesystem::exists(path("g"))) << "no gallery is made for nothing";
  expect_failure(3, {"search", path("g"), "text"});
  expect_failure(3, {"search", path("g"), "--image", path("nowhere.jpg")});
  expect_failure(3, {"remove", path("g"), path("x.jpg")});
  expect_failure(3, {"compact", path("g")});
  expect_failure(3, {"verify", path("g")});
  expect_failure(3, {"info", path("g")});
  expect_failure(3, {"tokenize", "--texts-file", path("none")});
  expect_failure(3, {"tokenize", "--model", path("none"), "--text", "x"});
}

TEST_F(UsageTest, BadInputIsStatusFour) {
  write_file(path("bad.jsonl"), "{\"text\": 1}\n");
  EXPECT_THAT(expect_failure(4, {"tokenize", "--texts-file", path("bad.jsonl")}), HasSubstr("line 1"));
  expect_failure(4, {"match", "--pairs-file", path("bad.jsonl")});
  EXPECT_THAT(expect_failure(4, {"tokenize", "--texts-file", "/dev/zero"}), HasSubstr("line 1"));
  write_file(path("bad.jpg"), "no picture");
  expect_failure(4, {"search", path("g"), "--image", path("bad.jpg")});
}

TEST_F(UsageTest, TextsKeepTheirOrderAndTheirBrackets) {
  write_file(path("texts.jsonl"), "{\"text\": \"second\"}\n{\"text\": \"third\", \"language\": \"en\"}\n");
  const auto lines = run_json({"tokenize", "--text", "[a, b]", "--texts-file", path("texts.jsonl"), "--text",
                               "-x", "--text", "", "--text", "{}"});
  ASSERT_EQ(lines.size(), 6u);
  const std::vector<std::string> wanted = {"[a, b]", "second", "third", "-x", "", "{}"};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(lines[i]["text"], wanted[i]);
    EXPECT_GE(lines[i]["ids"].size(), 2u) << "special tokens are in";
    for (const Json& id : lines[i]["ids"]) EXPECT_TRUE(id.is_number_integer());
  }
}

TEST_F(UsageTest, TextThatIsNotUtf8IsStatusTwo) { expect_failure(2, {"tokenize", "--text", "a\xFF"}); }

TEST_F(UsageTest, AReaderThatGoesAwayIsNoError) {
  const Outcome outcome = run_tandem({"tokenize", "--text", "x"}, "closed");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(UsageTest, AFullDiskBehindStandardOutputIsAnError) {
  EXPECT_EQ(run_tandem({"tokenize", "--text", "x"}, "/dev/full").status, 7);
}

}  // namespace
}  // namespace tandem
