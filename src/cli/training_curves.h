// The curves of a training as charts for a page.
//
// Thread-safe: a free function.
#pragma once

#include <filesystem>
#include <string>

namespace tandem::cli {

// `file`: metrics.jsonl, as `tandem train` writes it; one that is still being written is read as far as it
// goes. Losses are means over rounds where there are many. Throws NotFound, BadFormat naming the line.
std::string training_curves_html(const std::filesystem::path& file);

}  // namespace tandem::cli
