// What the tests of bad input share: a gallery of two pictures by a tiny model, which nothing may harm.
#pragma once

#include <gmock/gmock.h>

#include <map>

#include "integration/cli/bad_pictures.h"
#include "integration/cli/cli_test_base.h"

namespace tandem {

inline const std::string kTinyModel = TANDEM_TEST_DATA "/clip-gelu/model";

class BadInputTest : public CliTest {
 protected:
  struct Row {
    std::string name;
    int status;
    Arguments arguments;
    std::string said;
  };

  void SetUp() override {
    std::filesystem::create_directories(path("good"));
    write_png(path("good/a.png"), {17, 9, std::vector<std::uint8_t>(17 * 9 * 3, 60)});
    write_png(path("good/b.png"), {9, 17, std::vector<std::uint8_t>(9 * 17 * 3, 200)});
    run_json({"index", gallery_, path("good"), "--model", kTinyModel});
    before_ = files_of(gallery_);
  }
  void TearDown() override { EXPECT_EQ(files_of(gallery_), before_) << "the gallery beside is harmed"; }

  // Each row must fail with its status and one line on standard error that has the words in it.
  void expect_failures(const std::vector<Row>& rows, const std::function<void()>& prepare = {}) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.name);
      EXPECT_THAT(expect_failure(row.status, row.arguments, prepare), ::testing::HasSubstr(row.said));
    }
  }
  // As above, for a command that has begun to print before it fails.
  void expect_failure_after_output(int status, const Arguments& arguments, const std::string& said) {
    const Outcome outcome = run_tandem(arguments);
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_THAT(outcome.err, ::testing::HasSubstr(said));
    EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << outcome.err;
  }
  Json index(const std::string& gallery, const std::string& pictures) {
    return run_json({"index", gallery, pictures, "--model", kTinyModel}).at(0);
  }
  void expect_whole(const std::string& gallery, std::size_t images) {
    const Json report = run_json({"verify", gallery, "--deep"}).at(0);
    EXPECT_EQ(report["ok"], true) << report;
    EXPECT_EQ(report["images"], images);
  }

  const std::string gallery_ = path("gallery");

 private:
  // Contents by name; the lock is left out, as opening for writing says in it who did.
  static std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().filename() != "lock") files[entry.path().filename()] = read_file(entry.path());
    }
    return files;
  }
  std::map<std::string, std::string> before_;
};

}  // namespace tandem
