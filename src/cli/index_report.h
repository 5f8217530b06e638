// What `tandem index` says of a run.
//
// For one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/command.h"
#include "tandem/gallery.h"
#include "tandem/indexing.h"

namespace tandem::cli {

// So many skipped pictures are named, the others counted.
inline constexpr std::size_t kShownSkips = 5;

// "3 added, 1 moved": what did not happen is left out.
std::string changes_of(const IndexReport& report);

// Whether a round of watching did, or saw, something that the last one did not.
bool has_changes(const IndexReport& report, const IndexReport& last);

// "skipped PATH: why".
std::string line_of(const SkippedRecord& skip);

// As JSON or for people, as the options want it. `skips`: the first ones.
void print_summary(const IndexReport& report, const GalleryInfo& gallery,
                   const std::vector<SkippedRecord>& skips, const CommonOptions& common);
// For people alone: by which index the gallery is searched, if not exactly, and how much that finds.
void print_index(const GalleryInfo& gallery, const CommonOptions& common);
// The summary in one line.
void print_round(const IndexReport& report, const GalleryInfo& gallery, const CommonOptions& common);

}  // namespace tandem::cli
