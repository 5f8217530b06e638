// What a golden gallery answered when it was written, as a text file beside it.
//
// Free functions.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "support/answers.h"

namespace tandem {

inline std::filesystem::path answers_file(const std::filesystem::path& root, const std::string& name) {
  return root / (name + ".txt");
}

// Records and vectors as they are, of searches the ids alone: scores differ in their last bit by machine.
// Paths do not depend on where `root` is.
inline std::string portable_answers(const std::filesystem::path& root, const std::string& name) {
  const auto gallery = Gallery::open(root / name);
  std::string text = records_of(*gallery);
  const std::string here = std::filesystem::canonical(root).string() + "/";
  for (auto at = text.find(here); at != text.npos; at = text.find(here, at)) text.erase(at, here.size());
  const Matrix queries = random_vectors(3, gallery->info().dimension, 4);
  for (const auto& lists : {gallery->nearest_images(queries, 9), gallery->nearest_captions(queries, 9)}) {
    for (const auto& hits : lists) {
      for (const ScoredId& hit : hits) text += fmt::format("{} ", hit.id);
      text += '\n';
    }
  }
  return text;
}

inline void write_answers_file(const std::filesystem::path& root, const std::string& name) {
  std::ofstream(answers_file(root, name), std::ios::binary) << portable_answers(root, name);
}

inline std::string read_answers_file(const std::filesystem::path& root, const std::string& name) {
  std::ifstream file(answers_file(root, name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace tandem
