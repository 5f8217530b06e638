// What the tests of datasets share: a folder with files, and what is read of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/expect_error.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "tandem/datasets.h"

namespace tandem {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DatasetTest : public ::testing::Test {
 protected:
  // Writes a file, and the folders that it is in; pictures have any content.
  void write(const std::string& name, std::string_view text = "picture") {
    const std::filesystem::path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    write_file(path, text);
  }
  std::filesystem::path path(const std::string& name = "") const { return folder_.path() / name; }

  LoadedDataset load(const std::string& name = "", const DatasetOptions& options = {}) const {
    return load_dataset(name.empty() ? folder_.path() : path(name), options);
  }
  void expect_bad(std::initializer_list<const char*> words, const std::string& name = "") const {
    expect_error(ErrorCode::kBadFormat, words, [&] { load(name); });
  }

  // The picture's id, and "language:text" of each of its captions; "(sort)" behind it where it has one.
  static std::vector<std::string> of(const Dataset& dataset, std::size_t image) {
    std::vector<std::string> texts = {dataset.images.at(image).id};
    for (const DatasetCaption& caption : dataset.captions) {
      if (caption.image != image) continue;
      texts.push_back(caption.text.language + ":" + caption.text.text +
                      (caption.sort.empty() ? "" : "(" + caption.sort + ")"));
    }
    return texts;
  }

  TemporaryFolder folder_;
};

}  // namespace tandem
