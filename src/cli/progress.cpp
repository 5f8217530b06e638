#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/output.h"

namespace tandem::cli {
namespace {

constexpr std::chrono::milliseconds kBarEvery{100};
constexpr std::chrono::seconds kLineEvery{5};

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string duration_text(double seconds) {
  const auto total = static_cast<unsigned long>(seconds + 0.5);
  std::array<char, 40> text;
  if (total < 3600) {
    std::snprintf(text.data(), text.size(), "%lu:%02lu", total / 60, total % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lu:%02lu:%02lu", total / 3600, total / 60 % 60, total % 60);
  }
  return text.data();
}

ProgressStyle progress_style(bool quiet) {
  if (quiet) return ProgressStyle::kNone;
  return ::isatty(STDERR_FILENO) ? ProgressStyle::kBar : ProgressStyle::kLines;
}

std::string progress_text(const IndexProgress& progress) {
  std::string text = std::to_string(progress.done) + " of " + std::to_string(progress.total) + " pictures";
  if (progress.images_per_second > 0) {
    text += number(progress.images_per_second, ", %.1f per second");
    const double left = static_cast<double>(progress.total - progress.done);
    text += ", " + duration_text(left / progress.images_per_second) + " left";
  }
  if (progress.skipped > 0) text += ", " + std::to_string(progress.skipped) + " skipped";
  return text;
}

std::string progress_text(std::uint64_t done_bytes, std::uint64_t total_bytes) {
  return bytes_of(done_bytes) + " of " + bytes_of(total_bytes);
}

std::string pairs_text(std::uint64_t done, std::uint64_t total) {
  return std::to_string(done) + " of " + count_of(total, "pair") + " matched";
}

std::string progress_bar(std::uint64_t done, std::uint64_t total, const std::string& text,
                         std::size_t width) {
  constexpr std::size_t kLongest = 30;
  if (text.size() + 10 > width) return text.substr(0, width);
  const std::size_t cells = std::min(kLongest, width - text.size() - 3);
  const std::size_t full = total > 0 ? cells * done / total : cells;
  return "[" + std::string(full, '#') + std::string(cells - full, '-') + "] " + text;
}

void ProgressDisplay::show(const IndexProgress& progress) {
  if (is_due()) draw(progress.done, progress.total, progress_text(progress));
}

void ProgressDisplay::show(std::uint64_t done_bytes, std::uint64_t total_bytes) {
  if (is_due()) draw(done_bytes, total_bytes, progress_text(done_bytes, total_bytes));
}

void ProgressDisplay::show_pairs(std::uint64_t done, std::uint64_t total) {
  if (is_due()) draw(done, total, pairs_text(done, total));
}

void ProgressDisplay::show(std::uint64_t done, std::uint64_t total, const std::string& text) {
  if (is_due()) draw(done, total, text);
}

bool ProgressDisplay::is_due() {
  if (style_ == ProgressStyle::kNone) return false;
  const auto now = Clock::now();
  const bool bar = style_ == ProgressStyle::kBar;
  if (now - last_ < (bar ? Clock::duration(kBarEvery) : Clock::duration(kLineEvery))) return false;
  last_ = now;
  return true;
}

void ProgressDisplay::draw(std::uint64_t done, std::uint64_t total, const std::string& text) {
  if (style_ == ProgressStyle::kLines) {
    std::fprintf(stderr, "%s\n", text.c_str());
    return;
  }
  // Back to the first column, and clear to the end of the line.
  std::fprintf(stderr, "\r%s\x1b[K", progress_bar(done, total, text, terminal_width() - 1).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressDisplay::clear() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace tandem::cli
