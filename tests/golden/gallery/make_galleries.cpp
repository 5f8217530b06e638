// Writes the golden galleries and what they answer into a folder: make_golden_galleries FOLDER
#include <cstdio>
#include <exception>

#include "golden/gallery/answers_file.h"
#include "golden/gallery/life.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_golden_galleries FOLDER\n", stderr);
    return 2;
  }
  try {
    for (const tandem::GoldenGallery& golden : tandem::kGoldenGalleries) {
      const std::filesystem::path root = tandem::version_folder(argv[1], golden);
      std::filesystem::create_directories(root);
      tandem::write_golden_gallery(root, golden);
      tandem::write_answers_file(root, golden.name);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
