// Sets of pictures with captions, as research publishes them.
//
// A Dataset is a value. load_dataset() may be called from many threads; the files must not change meanwhile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tandem/text.h"

namespace tandem {

struct DatasetImage {
  std::string id;              // unique in the dataset
  std::filesystem::path file;  // absolute; FILE#ID, or a region file, where it stands for regions
  std::string split;           // "train", "dev", "test", or as the data calls it; empty where it has none
};

struct DatasetCaption {
  std::string id;         // unique: the picture's id, '#', and a number from 0
  std::size_t image = 0;  // its place in Dataset::images
  Text text;              // UTF-8, never empty
  // Of several sorts of captions in one language: "described" of the key "de_described", else empty.
  std::string sort;
};

struct Dataset {
  std::vector<DatasetImage> images;      // in the order of the data
  std::vector<DatasetCaption> captions;  // those of one picture need not stand together
};

// How the data is laid out; docs/evaluation.md shows each.
enum class DatasetFormat {
  kJsonLines,  // captions.jsonl, as `tandem index --captions` reads it
  kKarpathy,   // dataset_flickr30k.json, dataset_coco.json
  kMulti30k,   // a list of pictures with texts in parallel, line by line
  kTable,      // .csv and .tsv with a header
};

const char* to_string(DatasetFormat format) noexcept;         // "jsonl", "karpathy", "multi30k", "table"
DatasetFormat parse_dataset_format(const std::string& name);  // throws InvalidArgument

struct DatasetOptions {
  std::optional<DatasetFormat> format = {};  // unset: found out by names
  std::filesystem::path images = {};  // folder of the pictures; empty: beside the data, or in images/ there
  // In the place of photos: a region file, or a folder of such. A picture's regions are those with its id,
  // its name, or its name without the ending.
  std::filesystem::path regions = {};
  // The split to keep; "all": every picture. Unset: test, else the only one whose name begins with test, else
  // the only one there is.
  std::optional<std::string> split = {};
  std::size_t limit = 0;        // keep so many pictures, the first ones; 0: all
  std::string language = "en";  // of captions of which the data does not say it; an ISO 639-1 code
  void validate() const;        // InvalidArgument where the language is no such code
};

// Something about data that can be used all the same.
struct DatasetFinding {
  std::size_t count = 0;
  std::vector<std::string> examples;  // the first five, one line each, with file and line where there is one
};

struct DatasetReport {
  DatasetFormat format = DatasetFormat::kJsonLines;
  std::map<std::string, std::size_t> splits;  // pictures of each in the whole data
  DatasetFinding repeated_ids;                // pictures named again where each is named once: taken as one
  DatasetFinding several_splits;              // records of a picture in a second split: left out
  DatasetFinding repeated_captions;           // of one picture, word for word, where lines may repeat: kept
  DatasetFinding empty_captions;              // left out
  DatasetFinding invalid_utf8;                // captions that are left out
  DatasetFinding missing_pictures;            // kept, of the chosen split: their captions find nothing
  DatasetFinding without_captions;            // pictures of the chosen split that nothing looks for: kept
};

struct LoadedDataset {
  Dataset dataset;
  DatasetReport report;
};

// Reads a file, or what lies in a folder. "val", "valid" and "validation" are called dev, "restval" train.
// Throws NotFound (no such path; not one of the pictures is there); InvalidArgument for a folder without data
// or with several, for a split that is not there, and for options that cannot be; BadFormat, with file and
// line, where the data is not of its form.
LoadedDataset load_dataset(const std::filesystem::path& path, const DatasetOptions& options = {});

}  // namespace tandem
