// Makes a gallery of the pictures in a folder, or brings one up to date:  02_index_folder GALLERY FOLDER
//
// Run it again after adding pictures: only the new and the changed ones are computed. A picture that
// cannot be read is reported and recorded; it stops nothing.
#include <tandem/tandem.h>

#include <filesystem>
#include <iostream>
#include <vector>

int main(int argc, char** argv) try {
  if (argc != 3) {
    throw tandem::Error(tandem::ErrorCode::kInvalidArgument, "usage: 02_index_folder GALLERY FOLDER");
  }
  const auto model = tandem::Model::load(tandem::default_model_folder());
  const auto writer = tandem::GalleryWriter::open(argv[1], model->info());

  const std::vector<std::filesystem::path> folders{argv[2]};
  tandem::IndexOptions options;
  options.on_progress = [](const tandem::IndexProgress& progress) {
    std::cout << progress.done << " of " << progress.total << '\n';
  };
  options.on_skipped = [](const tandem::SkippedRecord& skipped) {
    std::cout << "skipped " << skipped.path.string() << ": " << skipped.reason << '\n';
  };
  const auto report = tandem::index_pictures(*writer, model, tandem::find_pictures(folders), options);
  std::cout << report.added << " added, " << report.updated << " updated, " << report.unchanged
            << " unchanged, " << report.skipped << " skipped\n";
} catch (const tandem::Error& error) {
  std::cerr << error.what() << '\n';
  return tandem::exit_status(error.code());
}
