#include "encoders/capabilities.h"

#include <string_view>

#include "core/fail.h"

namespace tandem {
namespace {

[[noreturn]] void refuse(const ModelInfo& info, std::string_view mend) {
  fail(ErrorCode::kUnsupported, "{}: {} models {}; {}", info.path.string(), info.family,
       describe(info.capabilities), mend);
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
  if (!info.capabilities.embed_text) {
    refuse(info, "load a BLIP, CLIP or tandem model to embed texts");
  }
}

void require_image_embedding(const ModelInfo& info) {
  if (!info.capabilities.embed_image) {
    refuse(info, "load a BLIP, CLIP or tandem model to embed pictures");
  }
}

void require_embedding(const ModelInfo& info) {
  if (!info.capabilities.embed_text && !info.capabilities.embed_image) {
    refuse(info, "load a BLIP, CLIP or tandem model to search, and use this one to rerank");
  }
}

void require_match(const ModelInfo& info) {
  if (!info.capabilities.match) {
    refuse(info, "load a BLIP or tandem model to rerank, or search without reranking");
  }
}

}  // namespace tandem
