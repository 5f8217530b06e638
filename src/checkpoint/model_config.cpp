#include "checkpoint/model_config.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "checkpoint/json.h"
#include "core/fail.h"

namespace tandem::checkpoint {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxBytes = 16'000'000;
constexpr int kMaxConfigDepth = 64;

std::string describe(IntRange range) { return fmt::format("an integer from {} to {}", range.min, range.max); }

// Nothing where `value` is not an integer within the range.
std::optional<std::int64_t> to_int(const json& value, IntRange range) {
  if (!value.is_number_integer()) return std::nullopt;
  // Unsigned values beyond int64 would wrap around.
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  const auto number = value.get<std::int64_t>();
  if (number < range.min || number > range.max) return std::nullopt;
  return number;
}

// Nothing where `value` is not an array of such integers.
std::optional<std::vector<std::int64_t>> to_ints(const json& value, IntRange range) {
  if (!value.is_array()) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const json& element : value) {
    const auto number = to_int(element, range);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

Config::Config(std::shared_ptr<const json> object, std::string place)
    : object_(std::move(object)), place_(std::move(place)) {}

Config Config::read(const std::filesystem::path& file, const FileSystem& files) {
  const std::vector<std::byte> bytes = files.read(file, kMaxBytes);
  return parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
}

Config Config::parse(std::string_view text, const std::string& name) {
  if (text.size() > kMaxBytes) {
    fail(ErrorCode::kBadFormat, "{}: has {} bytes, at most {} are accepted", name, text.size(), kMaxBytes);
  }
  auto root = std::make_shared<const json>(parse_json(text, name, kMaxConfigDepth));
  if (!root->is_object())
    fail(ErrorCode::kBadFormat, "{}: found {}, an object is wanted", name, shown(*root));
  return Config(std::move(root), name + ": ");
}

const json* Config::find(const std::string& key) const {
  const auto found = object_->find(key);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

bool Config::has(const std::string& key) const { return find(key) != nullptr; }

std::string Config::complaint(const std::string& key, const std::string& wanted) const {
  const json* found = find(key);
  return fmt::format("{}{}: {}, {} is wanted", place_, key,
                     found == nullptr ? "is missing" : "found " + shown(*found), wanted);
}

void Config::reject(const std::string& key, const std::string& wanted) const {
  fail(ErrorCode::kBadFormat, "{}", complaint(key, wanted));
}

void Config::refuse(const std::string& key, const std::string& wanted) const {
  fail(ErrorCode::kUnsupported, "{}", complaint(key, wanted));
}

std::int64_t Config::get_int(const std::string& key, IntRange range) const {
  const json* found = find(key);
  const auto value = found == nullptr ? std::nullopt : to_int(*found, range);
  if (!value) reject(key, describe(range));
  return *value;
}

std::int64_t Config::get_int(const std::string& key, std::int64_t absent, IntRange range) const {
  return has(key) ? get_int(key, range) : absent;
}

double Config::get_float(const std::string& key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_number()) reject(key, "a number");
  return found->get<double>();
}

double Config::get_float(const std::string& key, double absent) const {
  return has(key) ? get_float(key) : absent;
}

bool Config::get_bool(const std::string& key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_boolean()) reject(key, "true or false");
  return found->get<bool>();
}

bool Config::get_bool(const std::string& key, bool absent) const { return has(key) ? get_bool(key) : absent; }

std::string Config::get_string(const std::string& key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_string()) reject(key, "a string");
  return found->get<std::string>();
}

std::string Config::get_string(const std::string& key, const std::string& absent) const {
  return has(key) ? get_string(key) : absent;
}

std::vector<double> Config::get_floats(const std::string& key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_array()) reject(key, "an array of numbers");
  std::vector<double> values;
  for (const json& element : *found) {
    if (!element.is_number()) reject(key, "an array of numbers");
    values.push_back(element.get<double>());
  }
  return values;
}

std::string Config::dump() const { return object_->dump(2) + "\n"; }

std::vector<std::string> Config::get_strings(const std::string& key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_array()) reject(key, "an array of texts");
  std::vector<std::string> values;
  for (const json& element : *found) {
    if (!element.is_string()) reject(key, "an array of texts");
    values.push_back(element.get<std::string>());
  }
  return values;
}

std::vector<std::int64_t> Config::get_ints(const std::string& key, IntRange range) const {
  const json* found = find(key);
  auto values = found == nullptr ? std::nullopt : to_ints(*found, range);
  if (!values) reject(key, "an array, each " + describe(range) + ",");
  return *std::move(values);
}

std::vector<std::vector<std::int64_t>> Config::get_int_lists(const std::string& key, IntRange range) const {
  const json* found = find(key);
  const std::string wanted = "an array of arrays, each of these " + describe(range) + ",";
  if (found == nullptr || !found->is_array()) reject(key, wanted);
  std::vector<std::vector<std::int64_t>> lists;
  for (const json& element : *found) {
    auto values = to_ints(element, range);
    if (!values) reject(key, wanted);
    lists.push_back(*std::move(values));
  }
  return lists;
}

Config Config::get_object(const std::string& key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_object()) reject(key, "an object");
  const std::string prefix = place_ + key + ".";
  return Config(std::shared_ptr<const json>(object_, found), prefix);
}

std::optional<Config> Config::find_object(const std::string& key) const {
  if (!has(key)) return std::nullopt;
  return get_object(key);
}

}  // namespace tandem::checkpoint
