// The readers, one for each format: files into a builder.
//
// Thread-safe: free functions. They throw NotFound where a file is missing, and BadFormat, with file and
// line, where one is not of its form.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/file_system.h"
#include "datasets/builder.h"

namespace tandem::datasets {

// JSON lines, as for_each_caption_line() reads them.
void read_json_lines(const FileSystem& files, const std::filesystem::path& file, DatasetBuilder& builder);

// {"images": [{"filename", "filepath"?, "split"?, "cocoid" or "imgid"?, "sentences": [{"raw"}]}]}, other
// fields passed over. A picture's id is cocoid, else imgid, else filename.
void read_karpathy(const FileSystem& files, const std::filesystem::path& file, DatasetBuilder& builder);

// A list of pictures, one a line, with texts in parallel.
struct ParallelTexts {
  struct File {
    std::filesystem::path path;
    std::string language;
  };
  std::filesystem::path list;
  std::string split;
  std::vector<File> texts;
};
// What follows '#' in a line of the list, the number of a caption, is passed over.
void read_parallel_texts(const FileSystem& files, const ParallelTexts& data, DatasetBuilder& builder);
// Lists STEM.txt or STEM_images.txt in a folder and in image_splits/ there, or one that is named, with their
// texts STEM.LANG and STEM.N.LANG: beside them, and in raw/ beside their folder. A list without texts is
// none.
std::vector<ParallelTexts> find_parallel_texts(const FileSystem& files, const std::filesystem::path& place);

// A .csv (commas, fields may be quoted as in RFC 4180) or another file (tabs, no quotes) with a header:
// columns file, image, filename, filepath or path; caption, text, title or sentence; language or lang; split.
// Other columns are passed over.
void read_table(const FileSystem& files, const std::filesystem::path& file, DatasetBuilder& builder);

}  // namespace tandem::datasets
