#include "indexing/captions.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/fail.h"
#include "indexing/find_pictures.h"

namespace tandem::indexing {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;

// What is wrong with a line; the reader adds file and line.
[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorCode::kBadFormat, what); }

// "de" of "de" and "de_described"; empty for what does not begin with a language code.
std::string language_of(std::string_view key) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (key.size() < 2 || !is_letter(key[0]) || !is_letter(key[1])) return {};
  if (key.size() > 2 && key[2] != '_' && key[2] != '-') return {};
  return std::string(key.substr(0, 2));
}

// A string, or a list of strings.
void add_texts(const Json& value, const std::string& key, const std::string& language,
               std::vector<Text>& captions) {
  if (value.is_string()) {
    captions.emplace_back(value.get<std::string>(), language);
    return;
  }
  if (!value.is_array()) refuse(Json(key).dump() + " is neither a text nor a list of texts");
  for (const Json& text : value) {
    if (!text.is_string()) refuse(Json(key).dump() + " has an element that is no text");
    captions.emplace_back(text.get<std::string>(), language);
  }
}

void add_by_language(const Json& languages, std::vector<Text>& captions) {
  for (const auto& [key, value] : languages.items()) {
    const std::string language = language_of(key);
    if (language.empty()) {
      refuse("\"captions\" has the key " + Json(key).dump() + ", a language code like \"en\" is wanted");
    }
    add_texts(value, key, language, captions);
  }
}

std::string picture_of(const Json& line) {
  for (const char* key : {"file", "image"}) {
    if (!line.contains(key)) continue;
    if (!line[key].is_string() || line[key].get_ref<const std::string&>().empty()) {
      refuse(std::string("\"") + key + "\" is not the path of a picture");
    }
    return line[key].get<std::string>();
  }
  refuse("has neither \"file\" nor \"image\", the path of a picture");
}

std::vector<Text> captions_of(const Json& line) {
  std::vector<Text> captions;
  for (const auto& [key, value] : line.items()) {
    if (key == "captions" && value.is_object()) {
      add_by_language(value, captions);
    } else if (key == "captions") {
      add_texts(value, key, {}, captions);
    } else if (key.size() == 2 && key != "id" && !language_of(key).empty()) {
      add_texts(value, key, key, captions);
    }
  }
  return captions;
}

Json parse_line(std::string_view text) {
  Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!line.is_object()) refuse("is not a JSON object (in UTF-8)");
  return line;
}

}  // namespace

Captions::Captions(const FileSystem& files, const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = files.read(file, kMaxBytes);
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::filesystem::path folder = absolute_path(file).parent_path();
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    try {
      const Json line = parse_line(text);
      std::vector<Text> captions = captions_of(line);
      auto& known = by_picture_[absolute_path(folder / picture_of(line))];
      known.insert(known.end(), captions.begin(), captions.end());
    } catch (const Error& error) {
      fail(ErrorCode::kBadFormat, "{}: line {}: {}; mend or remove the line", file.string(), number,
           error.what());
    }
  }
}

const std::vector<Text>& Captions::of(const std::filesystem::path& picture) const {
  static const std::vector<Text> kNone;
  const auto found = by_picture_.find(picture);
  return found == by_picture_.end() ? kNone : found->second;
}

}  // namespace tandem::indexing
