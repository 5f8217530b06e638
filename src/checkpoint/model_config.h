// Reading config.json and its like: typed fields with defaults, and errors that say where.
//
// An immutable value; sub-objects share the parsed text. A field that is null counts as absent.
// Every getter without a default throws BadFormat where the field is absent, and all throw it where the
// field has another type or is out of range, in this form:
//   config.json: text_config.hidden_size: found "abc", an integer from 1 to 2147483647 is wanted
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_system.h"

namespace tandem::checkpoint {

// Bounds, both included.
struct IntRange {
  std::int64_t min = 1;
  std::int64_t max = std::numeric_limits<std::int32_t>::max();
};

class Config {
 public:
  // A file of at most 16 MB, UTF-8, nested at most 64 deep, each key once, an object at the top.
  static Config read(const std::filesystem::path& file, const FileSystem& files);
  // The same for a text; `name` stands for it in messages.
  static Config parse(std::string_view text, const std::string& name);

  bool has(const std::string& key) const;

  std::int64_t get_int(const std::string& key, IntRange range = {}) const;
  std::int64_t get_int(const std::string& key, std::int64_t absent, IntRange range = {}) const;
  // Integers are numbers too.
  double get_float(const std::string& key) const;
  double get_float(const std::string& key, double absent) const;
  bool get_bool(const std::string& key) const;
  bool get_bool(const std::string& key, bool absent) const;
  std::string get_string(const std::string& key) const;
  std::string get_string(const std::string& key, const std::string& absent) const;
  std::vector<double> get_floats(const std::string& key) const;
  std::vector<std::int64_t> get_ints(const std::string& key, IntRange range = {}) const;
  std::vector<std::vector<std::int64_t>> get_int_lists(const std::string& key, IntRange range = {}) const;
  std::vector<std::string> get_strings(const std::string& key) const;

  Config get_object(const std::string& key) const;
  std::optional<Config> find_object(const std::string& key) const;

  // The object as JSON text.
  std::string dump() const;

  // Throws BadFormat for a field whose value is of its type but does not go with others:
  // config.reject("hidden_size", "a multiple of num_attention_heads (11)").
  [[noreturn]] void reject(const std::string& key, const std::string& wanted) const;
  // The same, as Unsupported, for one that asks for what this library cannot do.
  [[noreturn]] void refuse(const std::string& key, const std::string& wanted) const;

 private:
  Config(std::shared_ptr<const nlohmann::json> object, std::string place);
  const nlohmann::json* find(const std::string& key) const;
  std::string complaint(const std::string& key, const std::string& wanted) const;

  std::shared_ptr<const nlohmann::json> object_;
  std::string place_;  // "config.json: text_config." before the key
};

}  // namespace tandem::checkpoint
