#include "datasets/caption_line.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/fail.h"

namespace tandem::datasets {
namespace {

using Json = nlohmann::json;

// What is wrong with a line; for_each_caption_line() adds file and line.
[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorCode::kBadFormat, what); }

// "de" of "de" and "de_described"; empty for what does not begin with a language code.
std::string language_of(std::string_view key) {
  if (!is_language_code(key.substr(0, 2))) return {};
  if (key.size() > 2 && key[2] != '_' && key[2] != '-') return {};
  return std::string(key.substr(0, 2));
}

// "described" of "de_described".
std::string sort_of(std::string_view key) {
  return std::string(key.substr(std::min<std::size_t>(3, key.size())));
}

// A string, or a list of strings.
void add_texts(const Json& value, const std::string& key, const std::string& language,
               const std::string& sort, std::vector<LineCaption>& captions) {
  if (value.is_string()) {
    captions.push_back({{value.get<std::string>(), language}, sort});
    return;
  }
  if (!value.is_array()) refuse(Json(key).dump() + " is neither a text nor a list of texts");
  for (const Json& text : value) {
    if (!text.is_string()) refuse(Json(key).dump() + " has an element that is no text");
    captions.push_back({{text.get<std::string>(), language}, sort});
  }
}

void add_by_language(const Json& languages, std::vector<LineCaption>& captions) {
  for (const auto& [key, value] : languages.items()) {
    const std::string language = language_of(key);
    if (language.empty()) {
      refuse("\"captions\" has the key " + Json(key).dump() + ", a language code like \"en\" is wanted");
    }
    add_texts(value, key, language, sort_of(key), captions);
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

std::string split_of(const Json& line) {
  const auto found = line.find("split");
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<LineCaption> captions_of(const Json& line) {
  std::vector<LineCaption> captions;
  for (const auto& [key, value] : line.items()) {
    if (key == "captions" && value.is_object()) {
      add_by_language(value, captions);
    } else if (key == "captions") {
      add_texts(value, key, {}, {}, captions);
    } else if (is_language_code(key) && key != "id") {
      add_texts(value, key, key, {}, captions);
    }
  }
  return captions;
}

std::vector<std::string> unread_keys(const Json& line) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : line.items()) {
    const bool is_read = key == "file" || key == "image" || key == "split" || key == "captions";
    if (!is_read && (value.is_string() || value.is_array())) keys.push_back(key);
  }
  return keys;
}

CaptionLine parse(std::string_view text) {
  const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!line.is_object()) refuse("is not a JSON object (in UTF-8)");
  CaptionLine parsed;
  parsed.captions = captions_of(line);
  parsed.picture = picture_of(line);
  parsed.split = split_of(line);
  if (parsed.captions.empty()) parsed.unread = unread_keys(line);
  return parsed;
}

}  // namespace

void for_each_caption_line(TextLines& lines, const std::function<void(CaptionLine)>& take) {
  for (std::string_view text; lines.next_json(text);) {
    CaptionLine line;
    try {
      line = parse(text);
    } catch (const Error& error) {
      fail(error.code(), "{}: {}; mend or remove the line", lines.place(), error.what());
    }
    take(std::move(line));
  }
}

bool is_language_code(std::string_view code) {
  return code.size() == 2 && std::ranges::all_of(code, [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace tandem::datasets
