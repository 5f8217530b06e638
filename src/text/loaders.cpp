#include "text/loaders.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/fail.h"
#include "text/shown.h"

namespace tandem::text {

TokenizerConfig::Defaults roberta_tokens() {
  return {{"bos_token", "<s>"},   {"eos_token", "</s>"},  {"sep_token", "</s>"},   {"cls_token", "<s>"},
          {"unk_token", "<unk>"}, {"pad_token", "<pad>"}, {"mask_token", "<mask>"}};
}

std::int32_t require_token(const std::string& content, const std::vector<AddedToken>& added,
                           const Vocabulary& vocabulary, const std::string& source) {
  const auto token = std::ranges::find(added, content, &AddedToken::content);
  if (token != added.end()) return token->id;
  if (const auto id = vocabulary.find(content)) return *id;
  fail(ErrorCode::kBadFormat, "{}: the vocabulary of {} pieces lacks the special token {}", source,
       vocabulary.size(), shown(content));
}

Frame agreed_frame(Frame wanted, const TokenizerJson& file, const TokenizerConfig& config) {
  const std::optional<Frame> found = file.frame();
  if (!found) return wanted;
  if (config.tokenizer_json_rules()) return *found;
  if (*found != wanted) {
    fail(ErrorCode::kUnsupported,
         "{}: the post_processor puts [{}] before and [{}] behind a text, wanted [{}] and [{}]",
         file.source(), fmt::join(found->prefix, " "), fmt::join(found->suffix, " "),
         fmt::join(wanted.prefix, " "), fmt::join(wanted.suffix, " "));
  }
  return wanted;
}

std::size_t count_ids(const Vocabulary& vocabulary, const std::vector<AddedToken>& added) {
  std::size_t count = vocabulary.size();
  for (const AddedToken& token : added) count = std::max(count, static_cast<std::size_t>(token.id) + 1);
  return count;
}

}  // namespace tandem::text
