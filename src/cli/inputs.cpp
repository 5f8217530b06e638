#include "cli/inputs.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>

#include "cli/json.h"
#include "tandem/error.h"

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;

// What is wrong with a line; the reader adds file and line.
[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorCode::kBadFormat, what); }

std::string string_field(const Json& line, const std::string& key) {
  const auto found = line.find(key);
  if (found == line.end()) refuse("has no \"" + key + "\"");
  if (!found->is_string()) refuse("\"" + key + "\" is not a string");
  return found->get<std::string>();
}

Text text_of(const Json& line) {
  return {string_field(line, "text"), line.contains("language") ? string_field(line, "language") : ""};
}

// std::getline() with a bound: a line without end (/dev/zero) must not take all memory.
bool next_line(std::istream& file, std::string& line) {
  constexpr std::size_t kMaxLine = 16'000'000;
  line.clear();
  char c = 0;
  while (file.get(c) && c != '\n') {
    line += c;
    if (line.size() > kMaxLine) refuse("is longer than " + std::to_string(kMaxLine) + " bytes");
  }
  return c == '\n' || !line.empty();
}

void for_each_json_line(const fs::path& path, const std::function<void(const Json&)>& read) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    throw Error(ErrorCode::kInvalidArgument, path.string() + ": is a folder, a file of JSON lines is wanted");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw Error(errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kBackend,
                path.string() + ": cannot open: " + std::strerror(errno) + "; check the path");
  }
  std::string text;
  for (std::size_t number = 1;; ++number) {
    try {
      if (!next_line(file, text)) break;
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
      if (!line.is_object()) refuse("is not a JSON object (in UTF-8)");
      read(line);
    } catch (const Error& error) {
      throw Error(ErrorCode::kBadFormat, path.string() + ": line " + std::to_string(number) + ": " +
                                             error.what() + "; mend or remove the line");
    }
  }
  if (file.bad()) throw Error(ErrorCode::kBackend, path.string() + ": cannot read: " + std::strerror(errno));
}

}  // namespace

std::vector<Text> read_texts_file(const fs::path& path) {
  std::vector<Text> texts;
  for_each_json_line(path, [&](const Json& line) { texts.push_back(text_of(line)); });
  return texts;
}

std::vector<TextImagePair> read_pairs_file(const fs::path& path) {
  std::vector<TextImagePair> pairs;
  for_each_json_line(path, [&](const Json& line) {
    pairs.push_back({string_field(line, "image"), text_of(line)});
  });
  return pairs;
}

fs::path absolute_path(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  if (error) {
    throw Error(ErrorCode::kInvalidArgument,
                "\"" + path.string() + "\": has no absolute path: " + error.message());
  }
  return absolute.has_filename() || absolute == absolute.root_path() ? absolute : absolute.parent_path();
}

}  // namespace tandem::cli
