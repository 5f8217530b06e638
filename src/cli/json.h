// The JSON of the command line: keys in the order they are set, floats with the digits of a float32.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace tandem::cli {

using Json = nlohmann::basic_json<nlohmann::ordered_map, std::vector, std::string, bool, std::int64_t,
                                  std::uint64_t, float>;

// A value, or null.
inline Json json_or_null(const std::optional<float>& value) { return value ? Json(*value) : Json(); }

// One line, without its end; bytes that are not UTF-8 (in a file's name) become U+FFFD.
inline std::string to_line(const Json& object) {
  return object.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace tandem::cli
