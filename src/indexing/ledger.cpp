#include "indexing/ledger.h"

#include "core/log.h"

namespace tandem::indexing {

Ledger::Ledger(GalleryWriter& gallery, const IndexOptions& options, const Clock& clock,
               const std::vector<SkippedRecord>& skipped_before, std::size_t total)
    : gallery_(gallery), options_(options), clock_(clock), begun_ns_(clock.monotonic_ns()) {
  for (const SkippedRecord& record : skipped_before) skipped_before_.emplace(record.path, record);
  progress_.total = total;
}

void Ledger::add(const NewImage& image) {
  const auto& path = image.record.path;
  const bool replaces = gallery_.known(path).has_value() && !skipped_before_.contains(path);
  gallery_.add(image);
  ++(replaces ? report_.updated : report_.added);
  report_.captions += image.captions.size();
  advance();
  changed();
}

void Ledger::skip(const SkippedRecord& record) {
  gallery_.add_skipped(record);
  count_skipped(record);
  advance();
  changed();
}

void Ledger::leave(const std::filesystem::path& path) {
  if (const auto before = skipped_before_.find(path); before != skipped_before_.end()) {
    count_skipped(before->second);
  } else {
    ++report_.unchanged;
  }
  advance();
}

void Ledger::count_skipped(const SkippedRecord& record) {
  ++report_.skipped;
  ++progress_.skipped;
  if (options_.on_skipped) options_.on_skipped(record);
}

void Ledger::changed() {
  if (++uncommitted_ >= options_.commit_every) commit();
}

void Ledger::commit() {
  if (uncommitted_ == 0) return;
  gallery_.commit();
  log(LogLevel::kInfo, "committed {} pictures", uncommitted_);
  uncommitted_ = 0;
}

void Ledger::advance() {
  ++progress_.done;
  const double elapsed = seconds();
  const auto computed = static_cast<double>(report_.added + report_.updated);
  progress_.images_per_second = elapsed > 0 ? computed / elapsed : 0;
  if (options_.on_progress) options_.on_progress(progress_);
}

IndexReport Ledger::report() const {
  IndexReport report = report_;
  report.seconds = seconds();
  return report;
}

double Ledger::seconds() const { return static_cast<double>(clock_.monotonic_ns() - begun_ns_) * 1e-9; }

}  // namespace tandem::indexing
