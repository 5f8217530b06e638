// Reading JSON that others wrote: every size bounded, nothing ambiguous accepted.
//
// Thread-safe: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace tandem::checkpoint {

// Throws BadFormat, naming `place`, where the text is not valid UTF-8, not JSON, nested deeper than
// `max_depth`, or has a key twice in an object.
nlohmann::json parse_json(std::string_view text, const std::string& place, int max_depth);

// A value or a name as a message shows it: on one line, quoted if it is a string, cut if it is long.
std::string shown(const nlohmann::json& value);
std::string shown(const std::string& name);

}  // namespace tandem::checkpoint
