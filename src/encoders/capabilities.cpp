#include "encoders/capabilities.h"

#include <string_view>
#include <vector>

#include "core/fail.h"

namespace tandem {
namespace {

// "one of blip, clip or tandem": the families that can do it and read a picture as this model does.
std::string families_that(const ModelInfo& info, bool (*can)(const Capabilities&)) {
  std::vector<std::string_view> names;
  for (const FamilyInfo& family : info.families) {
    const bool reads_the_same = family.reads_regions ? info.reads_regions : info.reads_photos;
    if (reads_the_same && can(family.capabilities)) names.push_back(family.name);
  }
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " or " : ", ";
    list += names[i];
  }
  return list.empty() ? "another model" : "one of " + list;
}

[[noreturn]] void refuse(const ModelInfo& info, bool (*can)(const Capabilities&), std::string_view purpose) {
  fail(ErrorCode::kUnsupported, "{}: {} models {}; load {} to {}", info.path.string(), info.family,
       describe(info.capabilities), families_that(info, can), purpose);
}

}  // namespace

std::string describe(const Capabilities& can) {
  const bool embeds_both = can.embed_text && can.embed_image;
  const bool embeds = can.embed_text || can.embed_image;
  const std::string embedding = embeds_both      ? "embed texts and pictures"
                                : can.embed_text ? "embed texts but not pictures"
                                                 : "embed pictures but not texts";
  if (embeds && can.match) return embedding + " and match a text with a picture";
  if (embeds) return embedding + (embeds_both ? " but have no matching head" : " and have no matching head");
  if (can.match) return "match a text with a picture but do not embed them on their own";
  return "neither embed texts or pictures nor match them";
}

void require_text_embedding(const ModelInfo& info) {
  if (info.capabilities.embed_text) return;
  refuse(
      info, [](const Capabilities& can) { return can.embed_text; }, "embed texts");
}

void require_image_embedding(const ModelInfo& info) {
  if (info.capabilities.embed_image) return;
  refuse(
      info, [](const Capabilities& can) { return can.embed_image; }, "embed pictures");
}

void require_embedding(const ModelInfo& info) {
  if (info.capabilities.embed_text || info.capabilities.embed_image) return;
  refuse(
      info, [](const Capabilities& can) { return can.embed_text && can.embed_image; },
      "search, and use this one to rerank");
}

void require_match(const ModelInfo& info) {
  if (info.capabilities.match) return;
  refuse(
      info, [](const Capabilities& can) { return can.match; }, "rerank, or search without reranking");
}

}  // namespace tandem
