#include "cli/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "tandem/error.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InputsTest : public ::testing::Test {
 protected:
  std::filesystem::path make_file(const std::string& bytes) {
    write_file(folder_.path() / "lines.jsonl", bytes);
    return folder_.path() / "lines.jsonl";
  }
  template <typename F>
  ErrorCode error_of(F f) {
    try {
      f();
    } catch (const Error& error) {
      message_ = error.what();
      return error.code();
    }
    ADD_FAILURE() << "no Error was thrown";
    return ErrorCode::kBackend;
  }

  TemporaryFolder folder_;
  std::string message_;
};

TEST_F(InputsTest, ReadsTextsAndTheirLanguages) {
  const auto texts =
      read_texts_file(make_file("{\"text\": \"ein Hund\", \"language\": \"de\"}\n\n"
                                "{\"text\": \"\", \"more\": 1}\r\n{\"text\": \"a\\nb\"}"));
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_EQ(texts[0].text, "ein Hund");
  EXPECT_EQ(texts[0].language, "de");
  EXPECT_EQ(texts[1].text, "");
  EXPECT_EQ(texts[2].text, "a\nb");
  EXPECT_EQ(texts[2].language, "");
  EXPECT_THAT(read_texts_file(make_file("")), IsEmpty());
}

TEST_F(InputsTest, ReadsPairs) {
  const auto pairs = read_pairs_file(make_file(R"({"image": "a.jpg", "text": "x", "language": "cs"})"));
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].image, "a.jpg");
  EXPECT_EQ(pairs[0].text.text, "x");
  EXPECT_EQ(pairs[0].text.language, "cs");
}

TEST_F(InputsTest, AByteOrderMarkAndLineEndsOfOtherSystemsAreFine) {
  const auto texts = read_texts_file(make_file("\xEF\xBB\xBF{\"text\": \"x\"}\r\n{\"text\": \"y\"}\r\n"));
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[1].text, "y");
}

TEST_F(InputsTest, ALineWithoutEndIsRefused) {
  EXPECT_EQ(error_of([] { read_texts_file("/dev/zero"); }), ErrorCode::kBadFormat);
  EXPECT_THAT(message_, HasSubstr("/dev/zero: line 1: is longer than 16000000 bytes"));
}

TEST_F(InputsTest, ALineNestedAMillionDeepIsReadOrRefused) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_EQ(read_texts_file(make_file("{\"text\": \"x\", \"more\": " + deep + "}")).size(), 1u);
  EXPECT_EQ(error_of([&] { read_texts_file(make_file(deep.substr(0, 1'000'000))); }), ErrorCode::kBadFormat);
}

TEST_F(InputsTest, ABadLineIsNamedByItsNumber) {
  for (const char* bad : {"nonsense", "\"x\"", "{}", R"({"text": 3})", R"({"text": "x", "language": 3})",
                          "{\"text\": \"\xFF\"}"}) {
    const auto file = make_file("{\"text\": \"x\"}\n\n" + std::string(bad) + "\n");
    EXPECT_EQ(error_of([&] { read_texts_file(file); }), ErrorCode::kBadFormat) << bad;
    EXPECT_THAT(message_, HasSubstr("lines.jsonl: line 3: ")) << bad;
  }
  EXPECT_EQ(error_of([&] { read_pairs_file(make_file(R"({"text": "x"})")); }), ErrorCode::kBadFormat);
  EXPECT_THAT(message_, HasSubstr("\"image\""));
}

TEST_F(InputsTest, MissingFilesAndFoldersAreTold) {
  EXPECT_EQ(error_of([&] { read_texts_file(folder_.path() / "none"); }), ErrorCode::kNotFound);
  EXPECT_EQ(error_of([&] { read_texts_file(folder_.path()); }), ErrorCode::kInvalidArgument);
}

TEST(AbsolutePath, DropsDotsAndTheLastSlash) {
  EXPECT_EQ(absolute_path("/a/./b/../c/"), "/a/c");
  EXPECT_EQ(absolute_path("/"), "/");
  EXPECT_EQ(absolute_path("a"), std::filesystem::current_path() / "a");
}

}  // namespace
}  // namespace tandem::cli
