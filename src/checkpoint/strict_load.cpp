#include "checkpoint/strict_load.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "checkpoint/json.h"
#include "core/fail.h"

namespace tandem::checkpoint {
namespace {

// "3 missing (a, b, c)"; nothing where there are none.
void add_to_report(std::vector<std::string>& report, const char* what,
                   const std::vector<std::string>& names) {
  constexpr std::size_t kListed = 10;
  if (names.empty()) return;
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kListed));
  report.push_back(fmt::format("{} {} ({}{})", names.size(), what, fmt::join(names.begin(), end, ", "),
                               names.size() > kListed ? ", ..." : ""));
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t i = star; i <= name.size(); ++i) {
    if (matches_pattern(rest, name.substr(i))) return true;
  }
  return false;
}

bool matches_any(std::span<const std::string> patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](const auto& pattern) { return matches_pattern(pattern, name); });
}

void check_strictly(const Weights& weights, std::span<const WantedTensor> wanted,
                    std::span<const std::string> ignored) {
  std::vector<std::string> missing;
  std::vector<std::string> unused;
  std::vector<std::string> misshapen;
  std::set<std::string_view> used;
  for (const auto& [name, shape] : wanted) {
    used.insert(name);
    const TensorView* found = weights.find(name);
    if (found == nullptr) {
      missing.push_back(name);
    } else if (found->shape != shape) {
      misshapen.push_back(
          fmt::format("{}: found {}, wanted {}", name, to_string(found->shape), to_string(shape)));
    }
  }
  for (const std::string& name : weights.names()) {
    if (!used.contains(name) && !matches_any(ignored, name)) unused.push_back(shown(name));
  }

  std::vector<std::string> report;
  add_to_report(report, "missing", missing);
  add_to_report(report, "unused", unused);
  add_to_report(report, "misshapen", misshapen);
  if (report.empty()) return;
  fail(ErrorCode::kBadFormat, "{}: the weights do not fit the model: {}; do they belong to this config.json?",
       weights.folder().string(), fmt::join(report, "; "));
}

}  // namespace tandem::checkpoint
