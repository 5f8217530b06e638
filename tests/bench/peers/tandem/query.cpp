// A text to its best pictures in a gallery, everything being loaded: without reranking, and with it.
#include <algorithm>
#include <iterator>
#include <memory>
#include <sstream>

#include "command.h"
#include "measure.h"
#include "tandem/retriever.h"

namespace tandem::bench {
namespace {

struct Arguments {
  std::string gallery;
  std::filesystem::path model;
  std::string text;
  std::size_t shortlist = 0;
  std::size_t repeats = 20;
};

// A text of the same words in another order each time: what the model remembers of one is not to be timed.
class Variations {
 public:
  explicit Variations(const std::string& text) {
    std::istringstream stream(text);
    words_.assign(std::istream_iterator<std::string>(stream), {});
  }

  std::string next() {
    std::ranges::next_permutation(words_);
    std::string text;
    for (const std::string& word : words_) text += word + ' ';
    return text;
  }

 private:
  std::vector<std::string> words_;
};

nlohmann::json measure(const Retriever& retriever, const Arguments& arguments, const SearchOptions& options,
                       Variations& variations) {
  const auto search = [&](const std::string& text) {
    return retriever.search({.text = text, .image = {}}, options);
  };
  std::vector<float> similarities;
  for (const Hit& hit : search(arguments.text)) similarities.push_back(hit.similarity);
  const auto seconds = time_runs([&] { search(variations.next()); }, arguments.repeats);
  return {{"seconds", seconds}, {"similarities", std::move(similarities)}};
}

nlohmann::json run(const Arguments& arguments, const ModelOptions& options) {
  const auto model = Model::load(arguments.model.empty() ? default_model_folder() : arguments.model, options);
  const Retriever retriever(Gallery::open(arguments.gallery), model);
  SearchOptions search;
  search.rerank = false;
  Variations variations(arguments.text);
  nlohmann::json result = measure(retriever, arguments, search, variations);
  if (arguments.shortlist > 0) {
    search.rerank = true;
    search.shortlist = arguments.shortlist;
    result["reranked"] = measure(retriever, arguments, search, variations);
  }
  return result;
}

}  // namespace

Command add_query(CLI::App& app, const ModelOptions& options) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("query", "A text in a gallery, everything being loaded");
  command->add_option("GALLERY", arguments->gallery)->required();
  command->add_option("--model", arguments->model, "Default: the model that ships");
  command->add_option("--text", arguments->text)->required();
  command->add_option("--shortlist", arguments->shortlist, "Also reranks so many");
  command->add_option("--repeats", arguments->repeats);
  return {command, [arguments, &options] { return run(*arguments, options); }};
}

}  // namespace tandem::bench
