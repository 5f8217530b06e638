#include "cli/html_report.h"

#include "cli/html.h"
#include "cli/output.h"

namespace tandem::cli {
namespace {

constexpr const char* kResultsStyle = R"(
  .query img { max-height: 12rem; border-radius: .5rem; }
  .hits { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr));
          list-style: none; margin: 0; padding: 0; }
  .hits li { border: 1px solid #8884; border-radius: .6rem; overflow: hidden; }
  .hits img { display: block; width: 100%; height: 13rem; object-fit: contain; background: #8882; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: 0 .75rem; margin: .75rem; font-size: .9rem; }
  dt { color: #767676; }
  dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
)";

std::string row(const std::string& name, const std::string& value) {
  return "<dt>" + name + "</dt><dd>" + escape_html(one_line(value)) + "</dd>";
}

std::string models_of(const GalleryInfo& gallery) {
  return gallery.model.family + " model" +
         (gallery.reranker ? ", reranked by a " + gallery.reranker->family + " model" : "");
}

std::string hit_item(const Hit& hit, std::uintmax_t max_bytes) {
  std::string item = "<li>" + picture_html(hit.photo, max_bytes) + "<dl>" +
                     row("rank", std::to_string(hit.rank)) +
                     row("similarity", number(hit.similarity, "%.4f"));
  if (hit.logit) item += row("match logit", number(*hit.logit, "%.4f"));
  if (hit.probability) item += row("probability", number(*hit.probability, "%.4f"));
  return item + row("file", hit.path.string()) + "</dl></li>\n";
}

}  // namespace

std::string html_report(const SearchReport& report, std::uintmax_t max_embedded_bytes) {
  const std::string title = escape_html(report.text.empty() ? "Pictures like this one" : report.text);
  std::string body = "<h1>" + title + "</h1>\n";
  body += "<p class=\"about\">" + count_of(report.hits.size(), "hit") + " among " +
          count_of(report.gallery.images, "picture") + " in " +
          escape_html(one_line(report.gallery.path.string())) + ", " +
          escape_html(models_of(report.gallery)) + "</p>\n";
  if (!report.image.empty()) {
    body += "<p class=\"query\">" + picture_html(report.image, max_embedded_bytes) + "</p>\n";
  }
  body += "<ol class=\"hits\">\n";
  for (const Hit& hit : report.hits) body += hit_item(hit, max_embedded_bytes);
  return html_page(title, kResultsStyle, body + "</ol>\n");
}

void write_html_report(const std::filesystem::path& file, const SearchReport& report) {
  write_html(file, html_report(report));
}

}  // namespace tandem::cli
