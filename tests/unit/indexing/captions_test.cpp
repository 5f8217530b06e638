#include "indexing/captions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "tandem/error.h"

namespace tandem::indexing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CaptionsTest : public ::testing::Test {
 protected:
  Captions read(const std::string& text) {
    write_file(folder_.path() / "captions.jsonl", text);
    return Captions(FileSystem::system(), folder_.path() / "captions.jsonl");
  }
  // "language:text" of each caption of a picture in the folder.
  std::vector<std::string> of(const Captions& captions, const std::filesystem::path& name) {
    std::vector<std::string> texts;
    for (const Text& text : captions.of(folder_.path() / name))
      texts.push_back(text.language + ":" + text.text);
    return texts;
  }
  std::string refusal(const std::string& text) {
    try {
      read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadFormat);
      return error.what();
    }
    ADD_FAILURE() << "accepted: " << text;
    return {};
  }

  TemporaryFolder folder_;
};

TEST_F(CaptionsTest, ReadsAListWithLanguagesBesideIt) {
  const auto captions =
      read(R"({"file": "a.jpg", "captions": ["x", "y"], "de": "z", "fr": ["v", "w"], "id": 7})"
           "\n");
  EXPECT_THAT(of(captions, "a.jpg"), ElementsAre(":x", ":y", "de:z", "fr:v", "fr:w"));
}

TEST_F(CaptionsTest, ReadsListsByLanguage) {
  const auto captions = read(
      R"({"image": "images/a.jpg", "split": "train", "captions": {"en": ["x"], "de_described": ["y"]}})");
  EXPECT_THAT(of(captions, "images/a.jpg"), ElementsAre("de:y", "en:x"));
}

TEST_F(CaptionsTest, SeveralLinesOfOnePictureAddUp) {
  const auto captions = read(
      "{\"file\": \"a.jpg\", \"captions\": [\"x\"]}\r\n\n"
      "{\"file\": \"./b/../a.jpg\", \"captions\": [\"y\"]}");
  EXPECT_THAT(of(captions, "a.jpg"), ElementsAre(":x", ":y"));
  EXPECT_EQ(captions.pictures(), 1u);
  EXPECT_THAT(of(captions, "b.jpg"), IsEmpty());
}

TEST_F(CaptionsTest, AnAbsolutePathStandsAsItIs) {
  const auto captions = read(R"({"file": "/photos/a.jpg", "captions": ["x"]})");
  EXPECT_EQ(captions.of("/photos/a.jpg").size(), 1u);
}

TEST_F(CaptionsTest, AnEmptyFileHasNone) { EXPECT_TRUE(read("").empty()); }

TEST_F(CaptionsTest, ABadLineIsNamedByItsNumber) {
  const std::string good = R"({"file": "a.jpg", "captions": ["x"]})"
                           "\n";
  for (const char* bad :
       {"nonsense", "[1]", R"({"captions": ["x"]})", R"({"file": 3, "captions": ["x"]})",
        R"({"file": "", "captions": []})", R"({"file": "a.jpg", "captions": 3})",
        R"({"file": "a.jpg", "captions": [3]})", R"({"file": "a.jpg", "captions": {"english": ["x"]}})",
        R"({"file": "a.jpg", "de": {}})", "{\"file\": \"a.jpg\", \"captions\": [\"\xFF\"]}"}) {
    const std::string message = refusal(good + "\n" + bad + "\n" + good);
    EXPECT_THAT(message, HasSubstr("captions.jsonl: line 3: ")) << bad;
    EXPECT_EQ(message.find('\n'), std::string::npos) << bad;
  }
}

TEST_F(CaptionsTest, AKeyWithALineEndLeavesTheMessageOnOneLine) {
  for (const char* line :
       {R"({"file": "a.jpg", "captions": {"e\nn": ["x"]}})", R"({"file": "a.jpg", "captions": {"en\n": 7}})",
        R"({"file": "a.jpg", "captions": {"en_\n": 7}})"}) {
    const std::string message = refusal(line);
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_THAT(message, HasSubstr(R"(\n)"));
  }
}

TEST_F(CaptionsTest, DeepNestingIsRefusedNotFollowed) {
  EXPECT_THAT(refusal(std::string(100'000, '[')), HasSubstr("line 1"));
  EXPECT_THAT(refusal("{\"file\": \"a\", \"captions\": " + std::string(100'000, '[') +
                      std::string(100'000, ']') + "}"),
              HasSubstr("line 1"));
}

TEST_F(CaptionsTest, AMissingFileIsNotFound) {
  EXPECT_THROW(Captions(FileSystem::system(), folder_.path() / "none.jsonl"), Error);
}

}  // namespace
}  // namespace tandem::indexing
