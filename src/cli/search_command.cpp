#include "cli/command.h"
#include "cli/html_report.h"
#include "cli/output.h"
#include "tandem/error.h"
#include "tandem/gallery.h"
#include "tandem/image.h"
#include "tandem/retriever.h"

namespace tandem::cli {
namespace {

struct SearchArguments {
  std::string gallery;
  std::optional<std::string> text;
  std::string image;
  ModelChoice model;
  PictureFiles pictures;
  bool rerank = false;
  bool no_rerank = false;
  bool captions = false;
  std::string html;
  SearchOptions options;
};

void check_usage(const SearchArguments& arguments) {
  const auto refuse = [](const char* what) { throw Error(ErrorCode::kInvalidArgument, what); };
  if (!arguments.text && arguments.image.empty()) {
    refuse("nothing to search for: give a TEXT, or --image PATH, or both");
  }
  if (!arguments.captions) return;
  if (arguments.text || arguments.image.empty()) refuse("--captions needs --image PATH and no TEXT");
  if (!arguments.html.empty()) refuse("--captions finds texts, --html shows pictures: leave one of them out");
}

// A table with the columns that have values; the last one is `what` each hit is.
template <typename H, typename Show>
void print_table(const std::vector<H>& hits, const std::string& what, Show show) {
  if (hits.empty()) {
    print_line("no hits");
    return;
  }
  const bool reranked = hits.front().logit.has_value();
  std::vector<std::vector<std::string>> rows;
  rows.push_back(reranked ? std::vector<std::string>{"rank", "similarity", "logit", "probability", what}
                          : std::vector<std::string>{"rank", "similarity", what});
  for (const H& hit : hits) {
    std::vector<std::string> row = {std::to_string(hit.rank), number(hit.similarity, "%.4f")};
    if (reranked) {
      row.push_back(number(*hit.logit, "%.3f"));
      row.push_back(number(*hit.probability, "%.4f"));
    }
    row.push_back(one_line(show(hit)));
    rows.push_back(std::move(row));
  }
  for (const std::string& line : table(rows)) print_line(line);
}

void print_hits(const std::vector<Hit>& hits, bool json) {
  if (!json) {
    print_table(hits, "path", [](const Hit& hit) { return hit.path.string(); });
    return;
  }
  for (const Hit& hit : hits) {
    print_json({{"rank", hit.rank},
                {"id", hit.id},
                {"path", hit.path.string()},
                {"photo", hit.photo.string()},
                {"similarity", hit.similarity},
                {"logit", json_or_null(hit.logit)},
                {"probability", json_or_null(hit.probability)}});
  }
}

void print_caption_hits(const std::vector<CaptionHit>& hits, bool json) {
  if (!json) {
    print_table(hits, "caption", [](const CaptionHit& hit) { return hit.text.text; });
    return;
  }
  for (const CaptionHit& hit : hits) {
    print_json({{"rank", hit.rank},
                {"id", hit.id},
                {"image", hit.image},
                {"text", hit.text.text},
                {"language", hit.text.language},
                {"similarity", hit.similarity},
                {"logit", json_or_null(hit.logit)},
                {"probability", json_or_null(hit.probability)}});
  }
}

int run_search(SearchArguments& arguments, const Context& context) {
  check_usage(arguments);
  SearchOptions options = arguments.options;
  options.stop = context.stop;
  if (arguments.rerank || arguments.no_rerank) options.rerank = arguments.rerank;
  options.validate();

  Query query;
  if (arguments.text) query.text = *arguments.text;
  if (!arguments.image.empty()) query.image = arguments.pictures.load(arguments.image);
  const auto gallery = Gallery::open(arguments.gallery);
  const bool may_rerank = !arguments.no_rerank && (arguments.text || arguments.captions);
  const Retriever retriever(gallery, arguments.model.load_for(gallery->info(), may_rerank));
  if (arguments.captions) {
    print_caption_hits(retriever.search_captions(*query.image, options), context.common.json);
    return 0;
  }
  const std::vector<Hit> hits = retriever.search(query, options);
  if (!arguments.html.empty()) {
    write_html_report(arguments.html, {arguments.text.value_or(""), arguments.image, gallery->info(), hits});
  }
  print_hits(hits, context.common.json);
  return 0;
}

}  // namespace

Command add_search_command(CLI::App& app) {
  auto arguments = std::make_shared<SearchArguments>();
  CLI::App* command = app.add_subcommand("search", "Find the pictures that fit a text, a picture, or both");
  command->add_option("GALLERY", arguments->gallery, "Folder of the gallery")->required();
  command->add_option("TEXT", arguments->text, "What the pictures show, in words");
  command->add_option("--image", arguments->image, "A picture to look for")->type_name("PATH");
  command->add_option("-k,--top-k", arguments->options.top_k, "Hits wanted (default 10)")
      ->type_name("N")
      ->check(whole_number());
  command
      ->add_option("--shortlist", arguments->options.shortlist,
                   "Candidates to rerank (default 50, at least k)")
      ->type_name("N")
      ->check(whole_number());
  auto* rerank =
      command->add_flag("--rerank", arguments->rerank, "Rerank though the model does not by default");
  command->add_flag("--no-rerank", arguments->no_rerank, "Do not rerank: order by similarity")
      ->excludes(rerank);
  command
      ->add_option("--min-probability", arguments->options.min_probability,
                   "Drop hits that match less probably; reranks")
      ->type_name("P");
  command->add_flag("--captions", arguments->captions, "Find the captions that fit --image, not pictures");
  command->add_option("--html", arguments->html, "Also write a page with the pictures, complete in one file")
      ->type_name("FILE");
  arguments->pictures.add_to(*command);
  arguments->model.options.defer_tower = true;
  arguments->model.add_to(*command, /*matches=*/true);
  arguments->model.add_reranker_to(*command,
                                   "Another place of the model that reranks, of a gallery with two");
  arguments->model.add_detector_to(*command);
  command->footer(
      "The models are those that the gallery was indexed with, unless --model and --reranker name other "
      "places\n"
      "of them. A gallery without image tokens can be reranked by any model that --reranker names.\n"
      "\n"
      "Examples:\n"
      "  tandem search holiday.gallery \"two dogs playing in the snow\" -k 5\n"
      "  tandem search holiday.gallery --image dog.jpg\n"
      "  tandem search holiday.gallery \"the same dog at night\" --image dog.jpg --html dogs.html\n"
      "  tandem search holiday.gallery \"a red boat\" --min-probability 0.5 --json");
  return {command, [arguments](const Context& context) { return run_search(*arguments, context); }};
}

}  // namespace tandem::cli
