#include "cli/evaluate_page.h"

#include <algorithm>
#include <set>
#include <vector>

#include "cli/evaluate_report.h"
#include "cli/html.h"
#include "cli/line_chart.h"
#include "cli/output.h"
#include "cli/reliability_html.h"

namespace tandem::cli {
namespace {

// Up to eighty pictures are shown: large ones would make a page that no browser opens.
constexpr std::uintmax_t kMaxPictureBytes = 1'000'000;
constexpr std::size_t kShownAnswers = 3;

constexpr const char* kReportStyle = R"(
  h2 { font-size: 1.2rem; font-weight: 600; margin: 2rem 0 .5rem; }
  .wide { overflow-x: auto; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
  th { font-weight: 600; }
  .failure { border-top: 1px solid #8884; padding: 1rem 0; }
  .failure p { margin: 0 0 .5rem; overflow-wrap: anywhere; }
  .answers { display: flex; flex-wrap: wrap; gap: .75rem; }
  .answers > div { flex: 1 1 10rem; max-width: 16rem; font-size: .9rem; }
  .answers img { display: block; width: 100%; height: 10rem; object-fit: contain; background: #8882; }
  .answers .none { height: 8rem; }
  .answers .right { outline: 2px solid #2f9e63; outline-offset: 3px; border-radius: .2rem; }
)";

std::string cell(const char* tag, const std::string& text) {
  return std::string("<") + tag + ">" + escape_html(text) + "</" + tag + ">";
}

std::string table_html(const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<div class=\"wide\"><table>\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    html += "<tr>";
    for (const std::string& text : rows[r]) html += cell(r == 0 ? "th" : "td", text);
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string gains_html(const EvaluationReport& report) {
  const auto rows = gain_rows_of(report);
  if (rows.empty()) return {};
  return "<h2>Gain over the embeddings alone</h2>\n" + table_html(rows) +
         "<p class=\"about\">On the same queries, with 95 % intervals of the difference. Recall is in "
         "percentage points. Where an interval holds 0, the gain may be chance.</p>\n";
}

std::string list_html(const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string html = "<ul>\n";
  for (const std::string& line : lines) html += cell("li", one_line(line)) + "\n";
  return html + "</ul>\n";
}

std::string latency_html(const EvaluationReport& report) {
  if (!report.shortlist_latency) return {};
  std::vector<std::vector<std::string>> rows = {{"one text", "median", "95 % are done in"}};
  const auto add = [&](const std::string& what, const Latency& latency) {
    rows.push_back({what, number(latency.median_ms, "%.2f ms"), number(latency.p95_ms, "%.2f ms")});
  };
  add("embedding and shortlist", *report.shortlist_latency);
  for (const auto& [k, latency] : report.rerank_latency) add("reranking " + std::to_string(k), latency);
  return "<h2>Time of a query</h2>\n" + table_html(rows);
}

// The language that charts and failures are shown of: all, or the only one.
std::string shown_language(const EvaluationReport& report) { return report.results.back().language; }

// Recall at 1 of coop by `x`, a line for each direction; empty where there is but one point.
template <typename Wanted, typename X>
std::vector<ChartLine> recall_lines(const EvaluationReport& report, Wanted wanted, X x) {
  std::vector<ChartLine> lines;
  for (const auto direction : {RetrievalDirection::kTextToImage, RetrievalDirection::kImageToText}) {
    ChartLine line{name_of(direction), {}};
    for (const EvaluationResult& result : report.results) {
      if (result.method != RetrievalMethod::kCoop || result.direction != direction ||
          result.language != shown_language(report) || !wanted(result)) {
        continue;
      }
      line.points.emplace_back(x(result), 100 * result.metrics.recall.at(1));
    }
    if (line.points.size() > 1) lines.push_back(std::move(line));
  }
  return lines;
}

std::string charts_html(const EvaluationReport& report) {
  std::size_t longest = 0;
  double largest = 0;
  for (const EvaluationResult& result : report.results) {
    longest = std::max(longest, result.shortlist.value_or(0));
    largest = std::max(largest, result.lambda.value_or(0));
  }
  const std::string recall = "recall at 1, in percent";
  std::string html = line_chart({"Longer shortlists",
                                 "pictures reranked",
                                 recall,
                                 recall_lines(
                                     report, [&](const auto& r) { return r.lambda == largest; },
                                     [](const auto& r) { return static_cast<double>(*r.shortlist); }),
                                 {},
                                 100});
  if (report.rerank_latency.size() > 1) {
    ChartLine line{"median", {}};
    for (const auto& [k, latency] : report.rerank_latency) line.points.emplace_back(k, latency.median_ms);
    html += line_chart({"Their price", "pictures reranked", "milliseconds", {line}});
  }
  html += line_chart({"Cosine and match together",
                      "lambda: 0 is cosine alone, 1 the match alone",
                      recall,
                      recall_lines(
                          report, [&](const auto& r) { return r.shortlist == longest; },
                          [](const auto& r) { return *r.lambda; }),
                      {},
                      100});
  return html.empty() ? html
                      : "<h2>Coop, " + escape_html(shown_language(report)) +
                            "</h2>\n<div class=\"charts\">\n" + html + "</div>\n";
}

// The best result of a direction: its failures are what is left to mend.
const EvaluationResult* best_of(const EvaluationReport& report, RetrievalDirection direction) {
  const EvaluationResult* best = nullptr;
  for (const EvaluationResult& result : report.results) {
    if (result.direction != direction || result.language != shown_language(report)) continue;
    if (best == nullptr || result.metrics.mrr > best->metrics.mrr) best = &result;
  }
  return best;
}

// An answer: a picture, or a caption.
std::string answer_html(const Dataset& dataset, RetrievalDirection direction, std::size_t number,
                        bool is_right, const std::string& what) {
  std::string html = is_right ? "<div class=\"right\">" : "<div>";
  if (direction == RetrievalDirection::kTextToImage) {
    html += picture_html(dataset.images[number].file, kMaxPictureBytes) + escape_html(what) + ": " +
            escape_html(one_line(dataset.images[number].id));
  } else {
    html += escape_html(what) + ": " + escape_html(one_line(dataset.captions[number].text.text));
  }
  return html + "</div>\n";
}

std::string failure_html(const Dataset& dataset, const EvaluationResult& result,
                         const RetrievalFailure& failure) {
  const bool by_text = result.direction == RetrievalDirection::kTextToImage;
  std::string html = "<div class=\"failure\"><p>rank " + std::to_string(failure.rank) + ": ";
  html += by_text ? "“" + escape_html(one_line(dataset.captions[failure.query].text.text)) + "”</p>\n"
                  : escape_html(one_line(dataset.images[failure.query].id)) + "</p>\n";
  html += "<div class=\"answers\">\n";
  if (!by_text)
    html += "<div>" + picture_html(dataset.images[failure.query].file, kMaxPictureBytes) + "</div>\n";
  html += answer_html(dataset, result.direction, failure.right.front(), true, "right");
  for (std::size_t i = 0; i < std::min(kShownAnswers, failure.first.size()); ++i) {
    html += answer_html(dataset, result.direction, failure.first[i], false, std::to_string(i + 1));
  }
  return html + "</div></div>\n";
}

std::string failures_html(const EvaluationPage& page, RetrievalDirection direction) {
  const EvaluationResult* result = best_of(page.report, direction);
  if (result == nullptr || result->failures.empty()) return {};
  std::string html = std::string("<h2>Worst failures, ") + name_of(direction) + ", " +
                     escape_html(result->language) + ", " + to_string(result->method) +
                     "</h2>\n<p class=\"about\">The right answer is framed; then the first three.</p>\n";
  for (const RetrievalFailure& failure : result->failures)
    html += failure_html(page.dataset, *result, failure);
  return html;
}

}  // namespace

std::string evaluation_page(const EvaluationPage& page) {
  const EvaluationReport& report = page.report;
  std::string body = "<h1>How well pictures are found</h1>\n<p class=\"about\">" +
                     escape_html(one_line(page.model)) +
                     (page.reranker.empty() ? "" : ", reranked by " + escape_html(one_line(page.reranker))) +
                     ", on " + count_of(report.images, "picture") + " of " + escape_html(one_line(page.data));
  if (report.folds > 1) body += " in " + std::to_string(report.folds) + " folds";
  if (report.pairs > 0) body += "; " + count_of(report.pairs, "pair") + " matched";
  body += "</p>\n" + table_html(rows_of(report));
  body += "<p class=\"about\">Recall in percent, with 95 % intervals by bootstrap over pictures.</p>\n";
  body += list_html(findings_of(page.found)) + list_html(findings_of(report));
  body += gains_html(report);
  body += charts_html(report) + reliability_html(report, shown_language(report)) + latency_html(report);
  body += page.curves;
  body += failures_html(page, RetrievalDirection::kTextToImage);
  body += failures_html(page, RetrievalDirection::kImageToText);
  return html_page("Evaluation", std::string(kReportStyle) + kChartStyle, body);
}

}  // namespace tandem::cli
