#include "indexing/ledger.h"

#include "core/log.h"

namespace tandem::indexing {
namespace {

// A file that cannot be read for the moment, as against one that is no picture.
bool system_failed(ErrorCode code) { return code == ErrorCode::kBackend || code == ErrorCode::kNotFound; }

bool same(const SkippedRecord& a, const SkippedRecord& b) {
  return a.stamp == b.stamp && a.code == b.code && a.reason == b.reason;
}

}  // namespace

Ledger::Ledger(GalleryWriter& gallery, const IndexOptions& options, const Clock& clock,
               const std::vector<SkippedRecord>& skipped_before, std::size_t total)
    : gallery_(gallery),
      options_(options),
      clock_(clock),
      begun_ns_(clock.monotonic_ns()),
      committed_ns_(begun_ns_) {
  for (const SkippedRecord& record : skipped_before) skipped_before_.emplace(record.path, record);
  progress_.total = total;
}

void Ledger::add(const NewImage& image) {
  const bool update = replaces(image.record.path);
  gallery_.add(image);
  ++(update ? report_.updated : report_.added);
  ++computed_;
  report_.captions += image.captions.size();
  advance();
  changed();
}

void Ledger::add_copy(ImageId source, const ImageRecord& record) {
  const bool update = replaces(record.path);
  gallery_.add_copy(source, record);
  ++(update ? report_.updated : report_.duplicates);
  advance();
  changed();
}

void Ledger::move(const ImageRecord& record) {
  gallery_.update(record);
  ++report_.moved;
  advance();
  changed();
}

void Ledger::refresh(const ImageRecord& record) {
  gallery_.update(record);
  ++report_.unchanged;
  advance();
  changed();
}

void Ledger::fail(const std::filesystem::path& path, const FileStamp& stamp, const Failure& failure) {
  const SkippedRecord record{path, stamp, failure.code, failure.reason};
  count_skipped(record);
  advance();
  if (system_failed(failure.code) && gallery_.find(path)) return;
  const auto before = skipped_before_.find(path);
  if (before != skipped_before_.end() && same(before->second, record)) return;
  gallery_.add_skipped(record);
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

bool Ledger::may_have_mended(const std::filesystem::path& path) const {
  const auto before = skipped_before_.find(path);
  return before != skipped_before_.end() && before->second.code == ErrorCode::kBackend;
}

void Ledger::count_skipped(const SkippedRecord& record) {
  ++report_.skipped;
  ++progress_.skipped;
  if (options_.on_skipped) options_.on_skipped(record);
}

void Ledger::changed() {
  if (++uncommitted_ >= options_.commit_every) commit();
}

void Ledger::commit_if_late() {
  if (seconds_since(committed_ns_) >= options_.commit_seconds) commit();
}

void Ledger::commit() {
  if (uncommitted_ == 0) return;
  gallery_.commit();
  log(LogLevel::kInfo, "committed {} pictures", uncommitted_);
  uncommitted_ = 0;
  committed_ns_ = clock_.monotonic_ns();
}

void Ledger::advance() {
  ++progress_.done;
  const double elapsed = seconds_since(begun_ns_);
  progress_.images_per_second = elapsed > 0 ? static_cast<double>(computed_) / elapsed : 0;
  if (options_.on_progress) options_.on_progress(progress_);
}

IndexReport Ledger::report() const {
  IndexReport report = report_;
  report.seconds = seconds_since(begun_ns_);
  return report;
}

double Ledger::seconds_since(std::int64_t then_ns) const {
  return static_cast<double>(clock_.monotonic_ns() - then_ns) * 1e-9;
}

}  // namespace tandem::indexing
