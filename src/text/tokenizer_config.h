// What tokenizer_config.json, special_tokens_map.json and added_tokens.json say together.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/added_tokens.h"
#include "text/model_folder.h"

namespace tandem::text {

// Added tokens by the id that a file gives them.
using AddedTokensById = std::map<std::int64_t, AddedToken>;

// One token from its JSON object {"content", "lstrip", "rstrip", "single_word", "normalized"}. Throws
// BadFormat, naming `source`.
AddedToken parse_added_token(const nlohmann::json& object, const std::string& source);

class TokenizerConfig {
 public:
  // The names of special tokens ("cls_token") and their contents where no file names them.
  using Defaults = std::map<std::string, std::string>;

  // Each of the files may be missing.
  TokenizerConfig(const ModelFolder& folder, Defaults defaults);

  // Whether the folder asks for its tokenizer.json as it stands, not for the class of a model.
  bool tokenizer_json_rules() const;
  // The class in tokenizer_config.json without "Fast" at its end, or "".
  std::string tokenizer_class() const;

  bool flag(const std::string& name, bool absent) const;
  std::optional<bool> optional_flag(const std::string& name) const;
  bool has(const std::string& name) const { return values_.contains(name); }
  // The content of a special token, which must be among the defaults.
  std::string special_token(const std::string& name) const;
  // `limit`, or model_max_length where that is smaller.
  std::size_t max_length(std::size_t limit) const;

  // All tokens to be cut out of the text, in the order in which the reference adds them, each content once.
  // `from_tokenizer_json` counts only where tokenizer_config.json has no added_tokens_decoder.
  std::vector<AddedToken> added_tokens(const AddedTokensById& from_tokenizer_json,
                                       const Vocabulary& vocabulary) const;

 private:
  AddedTokensById tokens_with_ids(const AddedTokensById& from_tokenizer_json) const;
  std::vector<AddedToken> tokens_without_ids() const;
  std::vector<AddedToken> default_tokens() const;

  Defaults defaults_;
  std::string source_;      // for messages
  nlohmann::json values_;   // of tokenizer_config.json and special_tokens_map.json
  AddedTokensById legacy_;  // of added_tokens.json
};

}  // namespace tandem::text
