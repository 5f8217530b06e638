// The part of a deep look that reads all rows: whose are not what was written.
//
// Free functions.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "gallery/damage.h"

namespace tandem::gallery {

// Finds `damage.images`, `captions` and `holes` for the contents and segments in it, and counts the bytes
// that it read. Calls `problem` for each. Throws Cancelled.
void find_damaged_rows(Damage& damage, const std::function<void(const std::string&)>& problem,
                       const std::stop_token& stop);

// Throws Cancelled where a stop is requested.
void require_no_stop(const std::stop_token& stop, const std::filesystem::path& folder);

}  // namespace tandem::gallery
