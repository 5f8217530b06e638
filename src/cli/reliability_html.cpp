#include "cli/reliability_html.h"

#include "cli/evaluate_report.h"
#include "cli/html.h"
#include "cli/line_chart.h"

namespace tandem::cli {
namespace {

// Results come by shortlist: the last one has the longest.
const EvaluationResult* last_matched(const EvaluationReport& report, const std::string& language,
                                     RetrievalDirection direction) {
  const EvaluationResult* last = nullptr;
  for (const EvaluationResult& result : report.results) {
    if (result.language == language && result.direction == direction && result.reliability) last = &result;
  }
  return last;
}

ChartLine line_of(const Reliability& reliability, const std::string& name) {
  ChartLine line{name, {}};
  for (const ReliabilityBin& bin : reliability.bins) {
    if (bin.pairs > 0) line.points.emplace_back(100 * bin.confidence, 100 * bin.accuracy);
  }
  return line;
}

}  // namespace

std::string reliability_html(const EvaluationReport& report, const std::string& language) {
  Chart chart{"What is said, and what comes true",
              "probability of a match, in percent",
              "pairs that match, in percent",
              {},
              {0, 25, 50, 75, 100},
              100,
              100};
  std::string errors;
  for (const auto direction : {RetrievalDirection::kTextToImage, RetrievalDirection::kImageToText}) {
    const EvaluationResult* result = last_matched(report, language, direction);
    if (result == nullptr) continue;
    const std::string name =
        direction == RetrievalDirection::kTextToImage ? "text to image" : "image to text";
    chart.lines.push_back(line_of(*result->reliability, name));
    errors += (errors.empty() ? "" : ", ") + name + " " + percent(result->reliability->error) + " %";
  }
  if (chart.lines.empty()) return {};
  chart.lines.push_back({"as said", {{0, 0}, {100, 100}}});
  return "<h2>Probabilities, " + escape_html(language) + "</h2>\n<div class=\"charts\">\n" +
         line_chart(chart) + "</div>\n<p class=\"about\">Expected calibration error: " + errors + ".</p>\n";
}

}  // namespace tandem::cli
