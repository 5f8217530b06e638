// Galleries that do not belong, or are not whole, as the command meets them.
#include "integration/cli/bad_input_test.h"
#include "unit/models/altered_model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class BadGalleryTest : public BadInputTest {
 protected:
  // A copy of the gallery, to be damaged.
  std::string copy(const std::string& name) {
    fs::copy(gallery_, path(name), fs::copy_options::recursive);
    return path(name);
  }
  // What search, index, verify and info say of a gallery; each must fail so.
  void expect_refused(const std::string& gallery, int status, const std::string& said) {
    expect_failures({
        {"search", status, {"search", gallery, "x"}, said},
        {"index", status, {"index", gallery, path("good"), "--model", kTinyModel}, said},
        {"info", status, {"info", gallery}, said},
    });
  }
};

TEST_F(BadGalleryTest, OfAnotherModel) {
  const std::string other = TANDEM_TEST_DATA "/clip-quickgelu/model";
  expect_failures({
      {"search", 2, {"search", gallery_, "x", "--model", other}, "clip-quickgelu"},
      {"index", 2, {"index", gallery_, path("good"), "--model", other}, "clip-quickgelu"},
  });
}

TEST_F(BadGalleryTest, OfOtherPreprocessing) {
  const AlteredModel model("clip-gelu");
  model.edit("preprocessor_config.json", [](Json& config) { config["resample"] = 2; });
  expect_failures({
      {"search", 2, {"search", gallery_, "x", "--model", model.path()}, "preprocess"},
      {"index", 2, {"index", gallery_, path("good"), "--model", model.path()}, "preprocess"},
  });
}

TEST_F(BadGalleryTest, OfANewerVersion) {
  const std::string gallery = copy("newer");
  std::string manifest = read_file(path("newer/manifest.json"));
  const std::size_t at = manifest.find("\"version\": 1");
  ASSERT_NE(at, manifest.npos);
  write_file(path("newer/manifest.json"), manifest.replace(at, 12, "\"version\": 3"));
  expect_refused(gallery, 5, "version 3");
  const Outcome verified = run_tandem({"verify", gallery});
  EXPECT_EQ(verified.status, 4) << "the copy in the catalogue tells that the number was changed";
  EXPECT_NE(verified.out.find("version 3"), std::string::npos) << verified.out;
}

TEST_F(BadGalleryTest, WithAMissingFile) {
  for (const char* name : {"manifest.json", "catalogue.sqlite", "images-000001.seg"}) {
    SCOPED_TRACE(name);
    const std::string gallery = copy(std::string("without-") + name);
    ASSERT_TRUE(fs::remove(fs::path(gallery) / name));
    expect_failures({{"search", 3, {"search", gallery, "x"}, name}});
  }
}

TEST_F(BadGalleryTest, WithAFileOfAnotherGallery) {
  const std::string other = path("other");
  index(other, path("good"));
  for (const char* name : {"manifest.json", "catalogue.sqlite", "images-000001.seg"}) {
    SCOPED_TRACE(name);
    const std::string gallery = copy(std::string("mixed-") + name);
    fs::copy_file(fs::path(other) / name, fs::path(gallery) / name, fs::copy_options::overwrite_existing);
    expect_failures({{"search", 4, {"search", gallery, "x"}, "belongs to gallery"}});
  }
}

TEST_F(BadGalleryTest, WithAFileCutShort) {
  for (const char* name : {"manifest.json", "catalogue.sqlite", "images-000001.seg"}) {
    SCOPED_TRACE(name);
    const std::string gallery = copy(std::string("cut-") + name);
    fs::resize_file(fs::path(gallery) / name, fs::file_size(fs::path(gallery) / name) / 2);
    expect_failures({{"search", 4, {"search", gallery, "x"}, name}});
  }
}

}  // namespace
}  // namespace tandem
