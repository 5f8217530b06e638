// Bad input, one by one, as the command meets it: one line, the right status, and nothing is lost.
#include "integration/cli/bad_input_test.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST_F(BadInputTest, ABadPictureAsAQueryIsAnError) {
  for (const BadPicture& picture : bad_pictures()) {
    SCOPED_TRACE(picture.name);
    write_file(path(picture.name), picture.bytes);
    const std::string said =
        expect_failure(picture.status, {"search", gallery_, "--image", path(picture.name)});
    EXPECT_THAT(said, HasSubstr(picture.name + ": "));
    EXPECT_THAT(said, HasSubstr(picture.said));
  }
}

TEST_F(BadInputTest, ABadPictureInAFolderIsARecordedSkip) {
  fs::create_directories(path("photos"));
  for (const BadPicture& picture : bad_pictures()) {
    write_file(path("photos/" + picture.name), picture.bytes);
  }
  for (const char* good : {"1x1.png", "1x5000.jpg", "1x5000.png"}) {
    write_file(path(std::string("photos/") + good), golden_picture(std::string("images-kinds/") + good));
  }
  const std::string gallery = path("other");
  EXPECT_EQ(index(gallery, path("photos"))["added"], 3) << "one pixel and one column are pictures";
  const Json skipped = run_json({"info", gallery, "--skipped"}).at(0)["skipped_files"];
  std::map<std::string, std::string> reasons;
  for (const Json& file : skipped) {
    reasons[fs::path(file["path"].get<std::string>()).filename()] = file["reason"];
  }
  EXPECT_EQ(reasons.size(), bad_pictures().size());
  for (const BadPicture& picture : bad_pictures()) {
    EXPECT_THAT(reasons[picture.name], HasSubstr(picture.said)) << picture.name;
  }
  expect_whole(gallery, 3);

  expect_failure_after_output(4, {"index", gallery, path("photos"), "--model", kTinyModel, "--strict"},
                              "20 pictures could not be read");
  write_png(path("photos/truncated.png"), {3, 2, std::vector<std::uint8_t>(3 * 2 * 3, 9)});
  EXPECT_EQ(index(gallery, path("photos"))["added"], 1) << "tried again, as the file has changed";
}

TEST_F(BadInputTest, PathsOfTheWrongKind) {
  ASSERT_EQ(::mkfifo(path("fifo.jpg").c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", path("device.jpg"));
  fs::create_symlink(path("nowhere"), path("dangling.jpg"));
  fs::create_symlink(path("itself.jpg"), path("itself.jpg"));
  write_file(path("file"), "x");
  const auto image = [&](const std::string& name) { return Arguments{"search", gallery_, "--image", name}; };
  expect_failures({
      {"FIFO", 2, image(path("fifo.jpg")), "fifo.jpg: is a FIFO, socket or device"},
      {"device", 2, image(path("device.jpg")), "device.jpg: is a FIFO, socket or device"},
      {"dangling link", 3, image(path("dangling.jpg")), "dangling.jpg: cannot open"},
      {"link to itself", 7, image(path("itself.jpg")), "itself.jpg: cannot open"},
      {"folder as picture", 2, image(path("good")), "good: is a folder, a file is wanted"},
      {"picture as folder", 3, image(path("file/a.jpg")), "file/a.jpg: cannot open"},
      {"file as gallery to index",
       2,
       {"index", path("file"), path("good"), "--model", kTinyModel},
       "file: is a file, the folder of a gallery is wanted"},
      {"file as gallery to search", 2, {"search", path("file"), "x"}, "file: is a file"},
      {"file as gallery to tell about", 2, {"info", path("file")}, "file: is a file"},
      {"file as gallery to verify", 2, {"verify", path("file")}, "file: is a file"},
      {"file as gallery to remove from", 2, {"remove", path("file"), path("good/a.png")}, "file: is a file"},
      {"folder of pictures as gallery",
       2,
       {"index", path("good"), path("good"), "--model", kTinyModel},
       "good: has other files in it"},
      {"folder of pictures to search", 3, {"search", path("good"), "x"}, "good: "},
      {"file as model", 2, {"index", gallery_, path("good"), "--model", path("file")}, "file: is a file"},
      {"folder as captions",
       2,
       {"index", gallery_, path("good"), "--model", kTinyModel, "--captions", path("good")},
       "good: is a folder, a file is wanted"},
      {"folder as texts", 2, {"tokenize", "--texts-file", path("good")}, "good: is a folder"},
      {"folder as pairs", 2, {"match", "--pairs-file", path("good")}, "good: is a folder"},
      {"folder as page", 7, {"search", gallery_, "x", "--html", path("good")}, "good: cannot write"},
  });
}

TEST_F(BadInputTest, InAFolderOfOddFilesThePicturesAreFound) {
  fs::create_directories(path("odd/deep"));
  ASSERT_EQ(::mkfifo(path("odd/fifo.jpg").c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", path("odd/device.jpg"));
  fs::create_symlink(path("nowhere"), path("odd/dangling.jpg"));
  fs::create_symlink(path("odd/itself.jpg"), path("odd/itself.jpg"));
  fs::create_directory_symlink(path("odd"), path("odd/deep/loop"));
  for (const char* name : {"new\nline\ttab.png", "caf\xE9.png", "-k.png", "[a,b].png", "deep/a.png"}) {
    fs::copy_file(path("good/a.png"), path(std::string("odd/") + name));
  }
  const std::string gallery = path("other");
  const Json summary = index(gallery, path("odd"));
  EXPECT_EQ(summary["images"], 5);
  EXPECT_EQ(summary["skipped"], 4);
  expect_whole(gallery, 5);
  const Outcome hits = run_tandem({"search", gallery, "a"});
  EXPECT_EQ(hits.status, 0) << hits.err;
  EXPECT_EQ(std::count(hits.out.begin(), hits.out.end(), '\n'), 6) << "one line for each: " << hits.out;
  EXPECT_THAT(hits.out, HasSubstr("new\\nline\\ttab.png"));
  EXPECT_EQ(
      run_json({"remove", gallery, path("odd/caf\xE9.png"), path("odd/new\nline\ttab.png")}).at(0)["removed"],
      2);
}

TEST_F(BadInputTest, ANameThatIsNotUtf8KeepsTheErrorReadable) {
  write_file(path("caf\xE9\n.jpg"), "no picture");
  EXPECT_THAT(expect_failure(4, {"search", gallery_, "--image", path("caf\xE9\n.jpg")}),
              HasSubstr("caf\uFFFD\\n.jpg: is not a picture"));
}

TEST_F(BadInputTest, Queries) {
  const auto query = [&](const std::string& text) {
    return Arguments{"search", "--json", gallery_, "--", text};
  };
  expect_failures({
      {"empty", 2, query(""), "the query has an empty text"},
      {"blank", 2, query(" \t\n"), "the query has an empty text"},
      {"invalid UTF-8", 2, query("a\xFFz"), "invalid UTF-8 at byte 1"},
      {"cut UTF-8", 2, query("caf\xC3"), "invalid UTF-8 at byte 3"},
      {"surrogate", 2, query("\xED\xA0\x80"), "invalid UTF-8 at byte 0"},
  });
  for (const std::string& text :
       {std::string("🏖️🐕‍🦺👩‍👩‍👧"), std::string(100'000, 'a'),
        std::string("\x01\x7f"), std::string("-5"), std::string("[a, b]")}) {
    EXPECT_EQ(json_lines(run_tandem(query(text)).out).size(), 2u) << text.substr(0, 20);
  }
}

TEST_F(BadInputTest, Numbers) {
  const auto search = [&](const Arguments& more) {
    Arguments all = {"search", gallery_, "x"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  expect_failures({
      {"k = 0", 2, search({"-k", "0"}), "top_k is 0"},
      {"k below 0", 2, search({"-k", "-1"}), "-k"},
      {"k beyond any number", 2, search({"-k", "99999999999999999999"}), "-k"},
      {"k that is none", 2, search({"-k", "1.5"}), "-k"},
      {"shortlist below k", 2, search({"--rerank", "-k", "10", "--shortlist", "5"}),
       "shortlist (5) is below top_k (10)"},
      {"NaN threshold", 2, search({"--min-probability", "nan"}), "is not within 0 and 1"},
      {"infinite threshold", 2, search({"--min-probability", "inf"}), "is not within 0 and 1"},
      {"threshold below 0", 2, search({"--min-probability", "-0.1"}), "is not within 0 and 1"},
      {"threads below 0", 2, search({"--threads", "-1"}), "--threads"},
      {"a million threads", 2, search({"--threads", "1000000"}), "--threads"},
  });
  EXPECT_EQ(run_json(search({"-k", "1000000000"})).size(), 2u) << "k above the gallery";
  EXPECT_EQ(run_json(search({"--threads", "0"})).size(), 2u);
}

TEST_F(BadInputTest, AnEmptyGalleryHasNoHits) {
  fs::create_directories(path("nothing"));
  const std::string gallery = path("other");
  EXPECT_EQ(index(gallery, path("nothing"))["images"], 0);
  EXPECT_EQ(run_json({"search", gallery, "x"}).size(), 0u);
  EXPECT_EQ(run_json({"search", gallery, "--image", path("good/a.png"), "--captions"}).size(), 0u);
  expect_whole(gallery, 0);
}

}  // namespace
}  // namespace tandem
