#include "checkpoint/json.h"

#include <nlohmann/json.hpp>
#include <unordered_set>
#include <vector>

#include "core/fail.h"
#include "core/utf8.h"

namespace tandem::checkpoint {
namespace {

using nlohmann::json;

// Watches the parser's events: it keeps silently the last of two equal keys, and knows no depth.
class Watch {
 public:
  Watch(const std::string& place, int max_depth) : place_(place), max_depth_(max_depth) {}

  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
        keys_.emplace_back();
        [[fallthrough]];
      case json::parse_event_t::array_start:
        if (depth >= max_depth_) {
          fail(ErrorCode::kBadFormat, "{}: nested deeper than {} levels, which nothing sensible is", place_,
               max_depth_);
        }
        break;
      case json::parse_event_t::key:
        if (!keys_.back().insert(parsed.get<std::string>()).second) {
          fail(ErrorCode::kBadFormat, "{}: found {} twice, each name is wanted once", place_, shown(parsed));
        }
        break;
      case json::parse_event_t::object_end:
        keys_.pop_back();
        break;
      default:
        break;
    }
    return true;
  }

 private:
  const std::string& place_;
  int max_depth_;
  std::vector<std::unordered_set<std::string>> keys_;  // of every object that is open
};

}  // namespace

json parse_json(std::string_view text, const std::string& place, int max_depth) {
  if (const auto offset = first_invalid_utf8(text)) {
    fail(ErrorCode::kBadFormat, "{}: invalid UTF-8 at byte {}, JSON in UTF-8 is wanted", place, *offset);
  }
  try {
    // By reference: the parser copies its callback.
    Watch watch(place, max_depth);
    return json::parse(text, [&watch](int depth, json::parse_event_t event, json& parsed) {
      return watch(depth, event, parsed);
    });
  } catch (const json::parse_error& error) {
    fail(ErrorCode::kBadFormat, "{}: not valid JSON at byte {}; is the file whole?", place, error.byte);
  } catch (const json::exception&) {
    fail(ErrorCode::kBadFormat, "{}: has a number that is out of range", place);
  }
}

std::string shown(const json& value) {
  constexpr std::size_t kLongest = 80;
  if (value.is_object()) return "an object";
  if (value.is_array() && value.size() > 8) return fmt::format("an array of {}", value.size());
  std::string text = value.dump(-1, ' ', true);  // ASCII: it may be cut anywhere
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

std::string shown(const std::string& name) { return shown(json(name)); }

}  // namespace tandem::checkpoint
