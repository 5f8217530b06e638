// What the tests of the command share: a folder, and the command run in it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "integration/cli/program.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"

namespace tandem {

inline const std::filesystem::path kPhotos = std::filesystem::path(TANDEM_SOURCE_DIR) / "examples/photos";
inline const std::filesystem::path kDefaultModel =
    std::filesystem::path(TANDEM_SOURCE_DIR) / "models/default";

using Arguments = std::vector<std::string>;
using Json = nlohmann::json;

inline Arguments tandem_command(const Arguments& arguments) {
  Arguments all = {TANDEM_CLI};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

// `out` and `prepare` as Program takes them.
inline Outcome run_tandem(const Arguments& arguments, const std::string& out = {},
                          const std::function<void()>& prepare = {}) {
  return Program(tandem_command(arguments), out, prepare).wait();
}

// The objects of JSON lines.
inline std::vector<Json> json_lines(const std::string& text) {
  std::vector<Json> objects;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) objects.push_back(Json::parse(line));
  return objects;
}

class CliTest : public ::testing::Test {
 protected:
  CliTest() { ::setenv("TANDEM_MODEL", kDefaultModel.c_str(), 1); }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  // Runs a command that must end well; returns the objects that it prints.
  std::vector<Json> run_json(Arguments arguments) {
    arguments.push_back("--json");
    const Outcome outcome = run_tandem(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return json_lines(outcome.out);
  }
  // Runs a command that must fail so, with one line on standard error and nothing else.
  std::string expect_failure(int status, const Arguments& arguments,
                             const std::function<void()>& prepare = {}) {
    const Outcome outcome = run_tandem(arguments, {}, prepare);
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.find("tandem: error: "), 0u) << outcome.err;
    EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << outcome.err;
    return outcome.err;
  }

  TemporaryFolder folder_;
};

// Four demo photos with their captions, in a folder of their own, and a gallery to be made of them.
class PhotosTest : public CliTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(path("photos"));
    for (const char* name : {"cat_yarn.jpg", "city_bus.jpg", "lighthouse.jpg", "panda.jpg"}) {
      copy_photo(name, name);
    }
    std::filesystem::copy_file(kPhotos / "captions.jsonl", captions_);
  }
  void copy_photo(const std::string& photo, const std::string& name) {
    std::filesystem::copy_file(kPhotos / photo, path("photos/" + name));
  }
  // Returns the report.
  Json index(const Arguments& more = {}) {
    Arguments arguments = {"index", gallery_, path("photos")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_json(arguments).at(0);
  }

  const std::string gallery_ = path("gallery");
  const std::string captions_ = path("photos/captions.jsonl");
};

}  // namespace tandem
