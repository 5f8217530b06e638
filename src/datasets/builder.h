// What the readers of all formats fill: pictures and captions, checked as they come.
//
// For one thread.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "datasets/picture_files.h"
#include "tandem/datasets.h"

namespace tandem::datasets {

// Whether a format names each picture once.
enum class Naming { kOnce, kOften };

class DatasetBuilder {
 public:
  explicit DatasetBuilder(DatasetFormat format) { report_.format = format; }

  // The picture with this id, new or known; returns its number. `split`: as the data calls it, or empty.
  // `place`: file and line, for findings and errors. Throws BadFormat for an id that is empty or not UTF-8.
  std::size_t add_image(PictureName name, const std::string& split, Naming naming, const std::string& place);
  // `text.language` may be empty. What is no caption is a finding.
  void add_caption(std::size_t image, Text text, const std::string& sort, const std::string& place);

  // The split that was chosen and its pictures; the builder is empty then. Throws InvalidArgument and
  // NotFound as load_dataset() does; `place` names the data.
  LoadedDataset finish(const DatasetOptions& options, const PictureFiles& files, const std::string& place) &&;

 private:
  std::string choose_split(const DatasetOptions& options, const std::string& place) const;

  std::vector<PictureName> names_;
  std::vector<std::string> splits_;  // of the pictures
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<DatasetCaption> captions_;
  DatasetReport report_;
};

// "dev" of "val", "train" of "restval"; others as they are.
std::string split_name(const std::string& name);

}  // namespace tandem::datasets
