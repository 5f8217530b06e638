// A search as one HTML page, complete in one file: the pictures are inside.
//
// Thread-safe: free functions on values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tandem/gallery.h"
#include "tandem/retriever.h"

namespace tandem::cli {

struct SearchReport {
  std::string text;   // of the query, or empty
  std::string image;  // path of the query's picture, or empty
  GalleryInfo gallery;
  std::vector<Hit> hits;
};

// Files above this many bytes are named in the page, not shown.
inline constexpr std::uintmax_t kMaxEmbeddedBytes = 16'000'000;

std::string html_report(const SearchReport& report, std::uintmax_t max_embedded_bytes = kMaxEmbeddedBytes);

// Throws Backend where the file cannot be written.
void write_html_report(const std::filesystem::path& file, const SearchReport& report);

}  // namespace tandem::cli
