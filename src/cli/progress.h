// Progress on standard error: a bar on a terminal, a line now and then elsewhere.
//
// For one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tandem/indexing.h"

namespace tandem::cli {

enum class ProgressStyle { kNone, kLines, kBar };

// kBar if standard error is a terminal, else kLines.
ProgressStyle progress_style(bool quiet);

// "12 of 60 pictures, 3.4 per second, 0:14 left, 1 skipped".
std::string progress_text(const IndexProgress& progress);

// "1.2 MB of 30.0 MB".
std::string progress_text(std::uint64_t done_bytes, std::uint64_t total_bytes);

// "1200 of 54000 pairs matched".
std::string pairs_text(std::uint64_t done, std::uint64_t total);

// "0:07", "12:34", "3:04:05".
std::string duration_text(double seconds);

// "[####------] 12 of 60 ..." in at most `width` columns: `done` of `total` in the bar, `text` behind it.
std::string progress_bar(std::uint64_t done, std::uint64_t total, const std::string& text, std::size_t width);

class ProgressDisplay {
 public:
  explicit ProgressDisplay(ProgressStyle style) : style_(style) {}
  ~ProgressDisplay() { clear(); }
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void show(const IndexProgress& progress);
  void show(std::uint64_t done_bytes, std::uint64_t total_bytes);
  void show_pairs(std::uint64_t done, std::uint64_t total);
  // Any other text.
  void show(std::uint64_t done, std::uint64_t total, const std::string& text);
  // Takes a bar away, so that other text can follow.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  // Whether it is time to show something again.
  bool is_due();
  void draw(std::uint64_t done, std::uint64_t total, const std::string& text);

  ProgressStyle style_;
  bool drawn_ = false;
  Clock::time_point last_ = Clock::now();
};

}  // namespace tandem::cli
