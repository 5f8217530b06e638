#include "text/shown.h"

#include <nlohmann/json.hpp>

namespace tandem::text {

std::string shown(std::string_view text) {
  using nlohmann::json;
  constexpr std::size_t kMaxShown = 60;  // bytes
  const bool cut = text.size() > kMaxShown;
  const json one_line = std::string(text.substr(0, kMaxShown)) + (cut ? "..." : "");
  return one_line.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace tandem::text
