#include "cli/line_chart.h"

#include <algorithm>
#include <cmath>

#include "cli/html.h"
#include "cli/output.h"

namespace tandem::cli {

const char* const kChartStyle = R"(
  .charts { display: flex; flex-wrap: wrap; gap: 1.5rem; }
  figure { margin: 0; flex: 1 1 24rem; max-width: 34rem; }
  figcaption { font-weight: 600; }
  svg { width: 100%; height: auto; }
  svg text { fill: currentColor; font: 12px system-ui, sans-serif; }
  svg .axis { stroke: #8888; fill: none; }
  svg .line { fill: none; stroke-width: 2; }
  .c0 { stroke: #2a78d6; fill: #2a78d6; } .c1 { stroke: #d9622b; fill: #d9622b; }
  .c2 { stroke: #2f9e63; fill: #2f9e63; } .c3 { stroke: #9a5fd0; fill: #9a5fd0; }
)";

namespace {

constexpr double kWidth = 480;
constexpr double kHeight = 260;
constexpr double kLeft = 56;
constexpr double kRight = 12;
constexpr double kTop = 26;
constexpr double kBottom = 44;

// From values to pixels, with some room around them.
struct Scale {
  double low = 0, high = 1, from = 0, to = 1;
  double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

// Of values from 0 on it begins at 0 or above.
Scale scale_of(const std::vector<double>& values, double limit, double from, double to) {
  const auto [least, most] = std::ranges::minmax(values);
  const double room = most > least ? (most - least) * 0.08 : std::max(std::abs(most) * 0.1, 0.5);
  const double low = least < 0 ? least - room : std::max(least - room, 0.0);
  return {low, std::min(most + room, limit), from, to};
}

std::string text_at(double x, double y, const std::string& anchor, const std::string& text) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\">" +
         escape_html(text) + "</text>";
}

std::string axes(const Chart& chart, const Scale& x, const Scale& y, const std::vector<double>& x_values) {
  std::string svg = "<path class=\"axis\" d=\"M" + number(kLeft) + " " + number(kTop) + "V" +
                    number(kHeight - kBottom) + "H" + number(kWidth - kRight) + "\"/>";
  for (const double value : x_values)
    svg += text_at(x(value), kHeight - kBottom + 16, "middle", number(value));
  constexpr int kSteps = 4;
  for (int i = 0; i <= kSteps; ++i) {
    const double value = y.low + (y.high - y.low) * i / kSteps;
    svg += text_at(kLeft - 6, y(value) + 4, "end", number(value, "%.1f"));
  }
  svg += text_at((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", chart.x_name);
  return svg + text_at(4, 14, "start", chart.y_name);
}

std::string drawn(const ChartLine& line, const std::string& colour, const Scale& x, const Scale& y) {
  std::string path;
  std::string dots;
  for (const auto& [px, py] : line.points) {
    path += (path.empty() ? "M" : "L") + number(x(px)) + " " + number(y(py));
    dots += "<circle class=\"" + colour + "\" cx=\"" + number(x(px)) + "\" cy=\"" + number(y(py)) +
            "\" r=\"3\"><title>" + escape_html(line.name) + ": " + number(px) + ", " + number(py, "%.2f") +
            "</title></circle>";
  }
  return "<path class=\"line " + colour + "\" style=\"fill:none\" d=\"" + path + "\"/>" + dots;
}

}  // namespace

std::string line_chart(const Chart& chart) {
  std::vector<double> xs;
  std::vector<double> ys;
  for (const ChartLine& line : chart.lines) {
    for (const auto& [px, py] : line.points) {
      xs.push_back(px);
      ys.push_back(py);
    }
  }
  if (xs.empty()) return {};
  const Scale x = scale_of(xs, chart.x_most, kLeft, kWidth - kRight);
  const Scale y = scale_of(ys, chart.y_most, kHeight - kBottom, kTop);
  std::ranges::sort(xs);
  xs.erase(std::ranges::unique(xs).begin(), xs.end());
  std::string svg = "<figure><figcaption>" + escape_html(chart.title) +
                    "</figcaption><svg role=\"img\" viewBox=\"0 0 " + number(kWidth) + " " + number(kHeight) +
                    "\">" + axes(chart, x, y, chart.x_marks.empty() ? xs : chart.x_marks);
  double legend = kWidth - kRight;
  for (std::size_t i = chart.lines.size(); i-- > 0;) {
    const std::string colour = "c" + std::to_string(i % 4);
    svg += drawn(chart.lines[i], colour, x, y);
    svg += text_at(legend, 14, "end", chart.lines[i].name);
    legend -= 7.0 * static_cast<double>(chart.lines[i].name.size()) + 18;
    svg += "<circle class=\"" + colour + "\" cx=\"" + number(legend + 4) + "\" cy=\"10\" r=\"4\"/>";
    legend -= 14;
  }
  return svg + "</svg></figure>\n";
}

}  // namespace tandem::cli
