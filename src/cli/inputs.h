// What the commands read beside their arguments: files of JSON lines, and the order of repeated options.
//
// Thread-safe: free functions on values.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tandem/text.h"

namespace tandem::cli {

// A text or a picture, as the command line names it.
struct Input {
  enum class Kind { kText, kImage };
  Kind kind = Kind::kText;
  Text text;         // of a text
  std::string path;  // of a picture
};

struct TextImagePair {
  std::string image;
  Text text;
};

// JSON lines {"text": STR, "language"?: STR}; empty lines are passed over.
// Throws NotFound; InvalidArgument for a folder; BadFormat naming file and line.
std::vector<Text> read_texts_file(const std::filesystem::path& path);

// JSON lines {"image": PATH, "text": STR, "language"?: STR}. Throws as above.
std::vector<TextImagePair> read_pairs_file(const std::filesystem::path& path);

// `path` as galleries name it: absolute, without "." and "..", links kept.
std::filesystem::path absolute_path(const std::filesystem::path& path);

}  // namespace tandem::cli
