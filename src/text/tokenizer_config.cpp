#include "text/tokenizer_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "core/fail.h"
#include "text/shown.h"

namespace tandem::text {
namespace {

using nlohmann::json;

constexpr std::string_view kConfigFile = "tokenizer_config.json";
constexpr std::string_view kSpecialTokensFile = "special_tokens_map.json";
constexpr std::string_view kAddedTokensFile = "added_tokens.json";

constexpr std::array<const char*, 7> kSpecialTokenNames = {"bos_token", "eos_token", "unk_token", "sep_token",
                                                           "pad_token", "cls_token", "mask_token"};

bool boolean(const json& object, const std::string& name, bool absent, const std::string& source) {
  const auto value = object.find(name);
  if (value == object.end() || value->is_null()) return absent;
  if (!value->is_boolean()) {
    fail(ErrorCode::kBadFormat, "{}: {} is a {}, wanted true or false", source, name, value->type_name());
  }
  return value->get<bool>();
}

// A token that is written as a string or as an object.
AddedToken parse_named_token(const json& value, const std::string& source) {
  if (value.is_string()) return {.content = value.get<std::string>()};
  return parse_added_token(value, source);
}

std::int64_t parse_id(const std::string& digits, const std::string& source) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size() || id < 0) {
    fail(ErrorCode::kBadFormat, "{}: added_tokens_decoder has the id {}, wanted a number", source,
         shown(digits));
  }
  return id;
}

AddedTokensById parse_added_tokens_file(const ModelFolder& folder) {
  AddedTokensById tokens;
  if (!folder.has(kAddedTokensFile)) return tokens;
  const json entries = folder.json(kAddedTokensFile);
  for (const auto& [content, id] : entries.items()) {
    if (!id.is_number_unsigned()) {
      fail(ErrorCode::kBadFormat, "{}: the token {} has a {} for an id, wanted a number",
           folder.path(kAddedTokensFile), shown(content), id.type_name());
    }
    tokens[id.get<std::int64_t>()] = {.content = content};
  }
  return tokens;
}

}  // namespace

AddedToken parse_added_token(const json& object, const std::string& source) {
  if (!object.is_object() || !object.contains("content") || !object["content"].is_string()) {
    fail(ErrorCode::kBadFormat, "{}: found an added token that is a {} without a \"content\" string", source,
         object.type_name());
  }
  return {.content = object["content"].get<std::string>(),
          .lstrip = boolean(object, "lstrip", false, source),
          .rstrip = boolean(object, "rstrip", false, source),
          .single_word = boolean(object, "single_word", false, source),
          .normalized = boolean(object, "normalized", false, source)};
}

TokenizerConfig::TokenizerConfig(const ModelFolder& folder, Defaults defaults)
    : defaults_(std::move(defaults)), source_(folder.path(kConfigFile)), values_(json::object()) {
  if (folder.has(kConfigFile)) values_ = folder.json(kConfigFile);
  // Files of older versions, which the newer list replaces.
  if (!values_.contains("added_tokens_decoder")) {
    if (folder.has(kSpecialTokensFile)) values_.update(folder.json(kSpecialTokensFile));
    legacy_ = parse_added_tokens_file(folder);
  }
  const auto side = values_.find("truncation_side");
  if (side != values_.end() && *side != "right") {
    fail(ErrorCode::kUnsupported, "{}: truncation_side is {}; only \"right\" is supported", source_,
         side->dump());
  }
}

std::string TokenizerConfig::tokenizer_class() const {
  const auto value = values_.find("tokenizer_class");
  if (value == values_.end() || !value->is_string()) return "";
  std::string name = value->get<std::string>();
  if (name.ends_with("Fast")) name.resize(name.size() - 4);
  return name;
}

bool TokenizerConfig::tokenizer_json_rules() const {
  const std::string name = tokenizer_class();
  return name == "PreTrainedTokenizer" || name == "TokenizersBackend";
}

bool TokenizerConfig::flag(const std::string& name, bool absent) const {
  return boolean(values_, name, absent, source_);
}

std::optional<bool> TokenizerConfig::optional_flag(const std::string& name) const {
  const auto value = values_.find(name);
  if (value == values_.end() || value->is_null()) return std::nullopt;
  return flag(name, false);
}

std::string TokenizerConfig::special_token(const std::string& name) const {
  const auto value = values_.find(name);
  if (value == values_.end() || value->is_null()) return defaults_.at(name);
  return parse_named_token(*value, source_).content;
}

std::size_t TokenizerConfig::max_length(std::size_t limit) const {
  const auto value = values_.find("model_max_length");
  if (value == values_.end() || value->is_null()) return limit;
  if (!value->is_number() || value->get<double>() < 1) {
    fail(ErrorCode::kBadFormat, "{}: model_max_length is {}, wanted a number above 0", source_,
         value->dump());
  }
  // "No limit" is written as some 1e30, more than an integer holds.
  return value->get<double>() < static_cast<double>(limit) ? value->get<std::size_t>() : limit;
}

AddedTokensById TokenizerConfig::tokens_with_ids(const AddedTokensById& from_tokenizer_json) const {
  const auto decoder = values_.find("added_tokens_decoder");
  AddedTokensById tokens;
  if (decoder == values_.end()) {
    tokens = from_tokenizer_json;
    tokens.insert(legacy_.begin(), legacy_.end());
    return tokens;
  }
  if (!decoder->is_object()) {
    fail(ErrorCode::kBadFormat, "{}: added_tokens_decoder is a {}, wanted an object", source_,
         decoder->type_name());
  }
  for (const auto& [id, token] : decoder->items()) {
    tokens[parse_id(id, source_)] = parse_added_token(token, source_);
  }
  return tokens;
}

std::vector<AddedToken> TokenizerConfig::tokens_without_ids() const {
  std::vector<AddedToken> tokens;
  for (const char* name : kSpecialTokenNames) {
    const auto value = values_.find(name);
    if (value != values_.end() && !value->is_null()) tokens.push_back(parse_named_token(*value, source_));
  }
  for (const char* name : {"extra_special_tokens", "additional_special_tokens"}) {
    const auto list = values_.find(name);
    if (list == values_.end()) continue;
    for (const json& value : *list) tokens.push_back(parse_named_token(value, source_));
  }
  return tokens;
}

std::vector<AddedToken> TokenizerConfig::default_tokens() const {
  std::vector<AddedToken> tokens;
  for (const auto& [name, content] : defaults_) {
    if (!values_.contains(name)) tokens.push_back({.content = content});
  }
  return tokens;
}

std::vector<AddedToken> TokenizerConfig::added_tokens(const AddedTokensById& from_tokenizer_json,
                                                      const Vocabulary& vocabulary) const {
  std::vector<AddedToken> tokens;
  std::set<std::string> known;
  auto next_id = static_cast<std::int32_t>(vocabulary.size());
  const auto add = [&](AddedToken token) -> const AddedToken* {
    if (token.content.empty() || !known.insert(token.content).second) return nullptr;
    const auto id = vocabulary.find(token.content);
    token.id = id ? *id : next_id++;
    tokens.push_back(std::move(token));
    return &tokens.back();
  };
  for (const auto& [id, token] : tokens_with_ids(from_tokenizer_json)) {
    const AddedToken* added = add(token);
    if (added != nullptr && added->id != id) {
      fail(ErrorCode::kBadFormat,
           "{}: the added token {} has id {}, wanted {} (its place in the vocabulary of {} pieces, or the "
           "next "
           "behind it); take all tokenizer files from the same model",
           source_, shown(added->content), id, added->id, vocabulary.size());
    }
  }
  for (AddedToken& token : tokens_without_ids()) add(std::move(token));
  // A default that the vocabulary does not have is no token of this model.
  for (AddedToken& token : default_tokens()) {
    if (vocabulary.find(token.content)) add(std::move(token));
  }
  return tokens;
}

}  // namespace tandem::text
