// A line chart as SVG, for pages; it takes its colours from the page's style.
//
// Thread-safe: a free function on values.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace tandem::cli {

struct ChartLine {
  std::string name;
  std::vector<std::pair<double, double>> points;  // x, y; by x; drawn as dots too
};

struct Chart {
  std::string title;
  std::string x_name;
  std::string y_name;
  std::vector<ChartLine> lines;      // at most four have colours of their own
  std::vector<double> x_marks = {};  // that stand at the x axis; none: every x of the points
  // Beyond which an axis does not go: 100 of percent.
  double y_most = std::numeric_limits<double>::infinity();
  double x_most = std::numeric_limits<double>::infinity();
};

// The rules that line_chart() needs of a page's style.
extern const char* const kChartStyle;

// Nothing to draw gives an empty text.
std::string line_chart(const Chart& chart);

}  // namespace tandem::cli
