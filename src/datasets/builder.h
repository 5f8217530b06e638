// What the readers of all formats fill: pictures and captions, checked as they come.
//
// For one thread.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "datasets/picture_files.h"
#include "tandem/datasets.h"

namespace tandem::datasets {

class DatasetBuilder {
 public:
  explicit DatasetBuilder(DatasetFormat format) { report_.format = format; }

  // Of a picture that is in another split already: add_caption() leaves its captions out.
  static constexpr std::size_t kElsewhere = static_cast<std::size_t>(-1);

  // The picture with this id, new or known; returns its number, or kElsewhere. `split`: as the data calls it,
  // or empty. `place`: file and line, for findings and errors. Throws BadFormat for an id that is empty or
  // not UTF-8.
  std::size_t add_image(PictureName name, const std::string& split, const std::string& place);
  // Says of a picture without captions, as long as it has none, why that may be.
  void explain(std::size_t image, const std::string& why);
  // `text.language` may be empty. What is no caption is a finding.
  void add_caption(std::size_t image, Text text, const std::string& sort, const std::string& place);

  // The split that was chosen and its pictures; the builder is empty then. Throws InvalidArgument and
  // NotFound as load_dataset() does; `place` names the data.
  LoadedDataset finish(const DatasetOptions& options, const PictureFiles& files, const std::string& place) &&;

 private:
  // Whether the format may name a picture on several lines.
  bool names_often() const;
  std::string choose_split(const DatasetOptions& options, const std::string& place) const;

  std::vector<PictureName> names_;
  std::vector<std::string> splits_;  // of the pictures
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<DatasetCaption> captions_;
  std::unordered_map<std::size_t, std::string> bare_;  // pictures without captions so far: place and id
  std::unordered_set<std::size_t> said_;               // hashes of captions and their pictures
  DatasetReport report_;
};

// "dev" of "val", "train" of "restval"; others as they are.
std::string split_name(const std::string& name);

}  // namespace tandem::datasets
