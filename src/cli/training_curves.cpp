#include "cli/training_curves.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <vector>

#include "cli/json.h"
#include "cli/line_chart.h"
#include "tandem/error.h"

namespace tandem::cli {
namespace {

constexpr std::size_t kPoints = 60;  // of a line, beyond which neighbours become one
constexpr int kMarks = 4;            // parts of the x axis

using Points = std::vector<std::pair<double, double>>;  // round, value

struct Curves {
  std::map<std::string, Points> losses;
  std::map<std::string, Points> recalls;  // in percent
};

void add(const Json& record, Curves& curves) {
  const double round = record.at("step").get<double>();
  const bool trains = record.at("kind") == "train";
  for (const auto& [name, value] : record.items()) {
    if (!value.is_number()) continue;
    if (trains && (name == "emb" || name == "ce" || name == "distill" || name == "mined")) {
      curves.losses[name].emplace_back(round, value.get<double>());
    } else if (!trains && name.ends_with("_mean_recall")) {
      curves.recalls[name.substr(0, name.find('_'))].emplace_back(round, 100 * value.get<double>());
    }
  }
}

Curves read(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw Error(ErrorCode::kNotFound,
                file.string() + ": cannot be read; give the metrics.jsonl of a training's folder");
  }
  Curves curves;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (in.eof()) break;  // a line without its end is not written yet
    try {
      add(Json::parse(line), curves);
    } catch (const Json::exception&) {
      throw Error(ErrorCode::kBadFormat, file.string() + " line " + std::to_string(number) +
                                             ": is no record of a training; give its metrics.jsonl");
    }
  }
  return curves;
}

Points thinned(const Points& points) {
  const std::size_t each = (points.size() + kPoints - 1) / kPoints;
  Points means;
  for (std::size_t first = 0; first < points.size(); first += each) {
    const std::size_t count = std::min(each, points.size() - first);
    std::pair<double, double> sum;
    for (std::size_t i = first; i < first + count; ++i) {
      sum.first += points[i].first / static_cast<double>(count);
      sum.second += points[i].second / static_cast<double>(count);
    }
    means.push_back(sum);
  }
  return means;
}

std::string chart(const std::string& title, const std::string& y_name,
                  const std::map<std::string, Points>& curves, double y_most) {
  Chart chart{title, "round", y_name, {}, {}, y_most};
  std::vector<double> rounds;
  for (const auto& [name, points] : curves) {
    chart.lines.push_back({name, thinned(points)});
    for (const auto& [round, value] : chart.lines.back().points) rounds.push_back(round);
  }
  if (rounds.empty()) return {};
  const auto [first, last] = std::ranges::minmax(rounds);
  for (int i = 0; i <= kMarks; ++i) {
    const double mark = std::round(first + (last - first) * i / kMarks);
    if (chart.x_marks.empty() || mark > chart.x_marks.back()) chart.x_marks.push_back(mark);
  }
  return line_chart(chart);
}

}  // namespace

std::string training_curves_html(const std::filesystem::path& file) {
  const Curves curves = read(file);
  const std::string html = chart("Losses", "loss", curves.losses, std::numeric_limits<double>::infinity()) +
                           chart("Development set", "mean recall, in percent", curves.recalls, 100);
  return html.empty() ? html : "<h2>Training</h2>\n<div class=\"charts\">\n" + html + "</div>\n";
}

}  // namespace tandem::cli
