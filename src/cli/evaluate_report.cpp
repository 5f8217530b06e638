#include "cli/evaluate_report.h"

#include <algorithm>

#include "cli/output.h"

namespace tandem::cli {
namespace {

void add_finding(std::vector<std::string>& lines, const DatasetFinding& finding, const std::string& thing,
                 const std::string& what) {
  if (finding.count == 0) return;
  lines.push_back(count_of(finding.count, thing) + " " + what + ", for example " + finding.examples.front());
}

float single(double value) { return static_cast<float>(value); }
Json fields_of(const Interval& interval) {
  return Json::array({single(interval.low), single(interval.high)});
}
Json fields_of(const Latency& latency) {
  return {{"median_ms", single(latency.median_ms)}, {"p95_ms", single(latency.p95_ms)}};
}

Json fields_of(const std::map<std::size_t, double>& recall) {
  Json json = Json::object();
  for (const auto& [k, part] : recall) json[std::to_string(k)] = single(part);
  return json;
}

Json fields_of(const Reliability& reliability) {
  Json json = {{"ece", single(reliability.error)}, {"bins", Json::array()}};
  for (const ReliabilityBin& bin : reliability.bins) {
    json["bins"].push_back(
        {{"pairs", bin.pairs}, {"confidence", single(bin.confidence)}, {"accuracy", single(bin.accuracy)}});
  }
  return json;
}

Json fields_of(const MetricIntervals& intervals) {
  Json json = {{"recall", Json::object()}};
  for (const auto& [k, interval] : intervals.recall) json["recall"][std::to_string(k)] = fields_of(interval);
  json["mrr"] = fields_of(intervals.mrr);
  json["ndcg_at_10"] = fields_of(intervals.ndcg_at_10);
  return json;
}

Json fields_of(const RankingGain& gain) {
  return {{"over", to_string(RetrievalMethod::kEmb)},
          {"recall", fields_of(gain.recall)},
          {"mrr", single(gain.mrr)},
          {"ndcg_at_10", single(gain.ndcg_at_10)},
          {"interval", fields_of(gain.intervals)}};
}

// What a search by text with this result's method takes; null where it was not measured.
Json latency_of(const EvaluationReport& report, const EvaluationResult& result) {
  if (result.direction != RetrievalDirection::kTextToImage || !report.shortlist_latency) return {};
  Json json = {{"shortlist", fields_of(*report.shortlist_latency)}};
  if (!result.shortlist) return result.method == RetrievalMethod::kEmb ? json : Json();
  json["rerank"] = fields_of(report.rerank_latency.at(*result.shortlist));
  return json;
}

// "+1.2 (-0.3 to +2.8)".
std::string gained(double value, const Interval& interval, double scale, const char* format) {
  return number(scale * value, format) + " (" + number(scale * interval.low, format) + " to " +
         number(scale * interval.high, format) + ")";
}

// Of a row: method, k, lambda, language.
std::vector<std::string> name_cells(const EvaluationResult& result) {
  return {to_string(result.method), result.shortlist ? std::to_string(*result.shortlist) : "",
          result.lambda ? number(*result.lambda, "%g") : "", one_line(result.language)};
}

}  // namespace

const char* name_of(RetrievalDirection direction) {
  return direction == RetrievalDirection::kTextToImage ? "text to image" : "image to text";
}

std::string percent(double part) { return number(100 * part, "%.1f"); }

std::vector<std::string> findings_of(const DatasetReport& report) {
  std::vector<std::string> lines;
  add_finding(lines, report.missing_pictures, "picture", "missing");
  add_finding(lines, report.without_captions, "picture", "without captions");
  add_finding(lines, report.repeated_ids, "picture", "named twice, and taken as one");
  add_finding(lines, report.several_splits, "record", "in a second split of the picture, and left out");
  add_finding(lines, report.repeated_captions, "caption", "said before of the same picture, and kept");
  add_finding(lines, report.empty_captions, "caption", "empty, and left out");
  add_finding(lines, report.invalid_utf8, "caption", "not UTF-8, and left out");
  return lines;
}

std::vector<std::string> findings_of(const EvaluationReport& report) {
  std::vector<std::string> lines;
  if (report.missing_images > 0) {
    lines.push_back(count_of(report.missing_images, "picture") + " of " + std::to_string(report.images) +
                    " could not be read: their queries count as failures");
  }
  if (report.left_out_images > 0) {
    lines.push_back(count_of(report.left_out_images, "picture") + " behind the last whole fold left out");
  }
  for (const EvaluationResult& result : report.results) {
    if (result.metrics.ties == 0) continue;
    lines.push_back(std::string(to_string(result.method)) + " " + result.language + " " +
                    to_string(result.direction) + ": in " + std::to_string(result.metrics.ties) + " of " +
                    std::to_string(result.metrics.queries) +
                    " queries the right answer and a wrong one have the same score, and their order decides");
  }
  return lines;
}

std::string latency_line(const EvaluationReport& report) {
  if (!report.shortlist_latency) return {};
  std::string line = "One query: " + number(report.shortlist_latency->median_ms, "%.1f ms by cosine");
  for (const auto& [k, latency] : report.rerank_latency) {
    line += ", " + number(latency.median_ms, "%.1f ms more to rerank ") + std::to_string(k);
  }
  return line + " (medians)";
}

std::optional<double> mean_recall_of(const EvaluationReport& report, const EvaluationResult& result) {
  const auto other = std::ranges::find_if(report.results, [&](const EvaluationResult& one) {
    return one.method == result.method && one.language == result.language &&
           one.shortlist == result.shortlist && one.lambda == result.lambda &&
           one.direction != result.direction;
  });
  if (other == report.results.end()) return std::nullopt;
  return mean_recall(result.metrics, other->metrics);
}

Json json_of(const EvaluationReport& report, const EvaluationResult& result) {
  const RankingMetrics& metrics = result.metrics;
  Json json = {{"method", to_string(result.method)},
               {"language", result.language},
               {"direction", to_string(result.direction)}};
  json["k"] = result.shortlist ? Json(*result.shortlist) : Json();
  json["lambda"] = result.lambda ? Json(single(*result.lambda)) : Json();
  json["queries"] = metrics.queries;
  json["recall"] = fields_of(metrics.recall);
  json["mrr"] = single(metrics.mrr);
  json["mrr_at_10"] = single(metrics.mrr_at_10);
  json["ndcg_at_10"] = single(metrics.ndcg_at_10);
  json["map_at_10"] = single(metrics.map_at_10);
  json["median_rank"] = single(metrics.median_rank);
  json["mean_rank"] = single(metrics.mean_rank);
  const auto mean = mean_recall_of(report, result);
  json["mean_recall"] = mean ? Json(single(*mean)) : Json();
  json["recall_sum"] = mean ? Json(single(*mean * 600)) : Json();
  json["ties"] = metrics.ties;
  json["unanswered"] = metrics.unanswered;
  json["interval"] = result.intervals ? fields_of(*result.intervals) : Json();
  json["gain"] = result.gain ? fields_of(*result.gain) : Json();
  json["reliability"] = result.reliability ? fields_of(*result.reliability) : Json();
  json["latency"] = latency_of(report, result);
  json["images"] = report.images;
  json["missing_images"] = report.missing_images;
  json["folds"] = report.folds;
  return json;
}

std::vector<std::vector<std::string>> rows_of(const EvaluationReport& report) {
  std::vector<std::vector<std::string>> rows = {{"method", "k", "lambda", "language", "queries", "R@1",
                                                 "95 %", "R@5", "R@10", "mR", "MRR", "nDCG@10", "median",
                                                 "direction"}};
  for (const EvaluationResult& result : report.results) {
    const RankingMetrics& metrics = result.metrics;
    const auto mean = mean_recall_of(report, result);
    const std::string interval = !result.intervals ? ""
                                                   : percent(result.intervals->recall.at(1).low) + "-" +
                                                         percent(result.intervals->recall.at(1).high);
    std::vector<std::string>& row = rows.emplace_back(name_cells(result));
    row.insert(row.end(),
               {std::to_string(metrics.queries), percent(metrics.recall.at(1)), interval,
                percent(metrics.recall.at(5)), percent(metrics.recall.at(10)), mean ? percent(*mean) : "",
                number(metrics.mrr, "%.3f"), number(metrics.ndcg_at_10, "%.3f"),
                number(metrics.median_rank, "%g"), name_of(result.direction)});
  }
  return rows;
}

std::vector<std::vector<std::string>> gain_rows_of(const EvaluationReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const EvaluationResult& result : report.results) {
    if (!result.gain) continue;
    if (rows.empty()) {
      rows.push_back(
          {"method", "k", "lambda", "language", "R@1", "R@5", "R@10", "MRR", "nDCG@10", "direction"});
    }
    const RankingGain& gain = *result.gain;
    std::vector<std::string>& row = rows.emplace_back(name_cells(result));
    for (const std::size_t k : {1, 5, 10}) {
      row.push_back(gained(gain.recall.at(k), gain.intervals.recall.at(k), 100, "%+.1f"));
    }
    row.push_back(gained(gain.mrr, gain.intervals.mrr, 1, "%+.3f"));
    row.push_back(gained(gain.ndcg_at_10, gain.intervals.ndcg_at_10, 1, "%+.3f"));
    row.emplace_back(name_of(result.direction));
  }
  return rows;
}

}  // namespace tandem::cli
