#include "training/metrics_log.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "core/fail.h"
#include "core/utf8.h"

namespace tandem::training {
namespace {

struct Place {
  std::uint64_t step;
  bool is_evaluation;
};

// Of a record; nothing where the line is none.
std::optional<Place> place_of(std::string_view line) {
  const auto record = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!record.is_object()) return std::nullopt;
  const auto step = record.find("step"), kind = record.find("kind");
  if (step == record.end() || !step->is_number_unsigned()) return std::nullopt;
  return Place{step->get<std::uint64_t>(), kind != record.end() && *kind == "dev"};
}

// How much of the file to keep: whole lines up to the first later one.
std::uint64_t kept_bytes(const FileSystem& files, const std::filesystem::path& path, std::uint64_t steps_done,
                         std::uint64_t steps_evaluated) {
  const auto file = files.map(path);
  const auto bytes = file->bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::size_t begin = 0;
  for (std::size_t number = 1; begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    const auto place = place_of(text.substr(begin, end - begin));
    if (!place && end + 1 == text.size()) break;
    if (!place) {
      fail(ErrorCode::kBadFormat, "{} line {}: is no record of a training run; mend or remove the line",
           path.string(), number);
    }
    if (place->step > (place->is_evaluation ? steps_evaluated : steps_done)) break;
    begin = end + 1;
  }
  return begin;
}

}  // namespace

MetricsLog::MetricsLog(FileSystem& files, const std::filesystem::path& path, std::uint64_t steps_done,
                       std::uint64_t steps_evaluated) {
  const bool is_new = files.status(path).kind == FileKind::kMissing;
  const std::uint64_t kept = is_new ? 0 : kept_bytes(files, path, steps_done, steps_evaluated);
  file_ = files.open_append(path);
  if (file_->size() > kept) file_->truncate(kept);
}

void MetricsLog::append(std::string_view kind, std::uint64_t step, const Metrics& metrics) {
  require_utf8(kind, "kind");
  nlohmann::ordered_json record = {{"kind", kind}, {"step", step}};
  for (const auto& [name, value] : metrics) {
    require_utf8(name, "name");
    if (record.contains(name)) {
      fail(ErrorCode::kInvalidArgument, "metric \"{}\": stands in its record already; give it another name",
           name);
    }
    record[name] = value;
  }
  const std::string line = record.dump() + "\n";
  file_->append(std::as_bytes(std::span(line)));
}

}  // namespace tandem::training
