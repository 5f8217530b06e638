// Searches a gallery with a sentence:  01_search GALLERY TEXT
#include <tandem/tandem.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 3) throw tandem::Error(tandem::ErrorCode::kInvalidArgument, "usage: 01_search GALLERY TEXT");
  const auto model = tandem::Model::load(tandem::default_model_folder());
  const tandem::Retriever retriever(tandem::Gallery::open(argv[1]), model);
  for (const tandem::Hit& hit : retriever.search(tandem::Query{.text = argv[2], .image = {}})) {
    std::cout << hit.rank << "  " << hit.similarity << "  " << hit.path.string() << '\n';
  }
} catch (const tandem::Error& error) {
  std::cerr << error.what() << '\n';
  return tandem::exit_status(error.code());
}
