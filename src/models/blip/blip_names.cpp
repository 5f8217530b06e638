#include "models/blip/blip_names.h"

#include "models/bert_names.h"

namespace tandem::models {
namespace {

// The text side and the heads have the same names in both.
const NameMap kSharedNames = {
    {"words", "text_encoder.embeddings", bert_embedding_names()},
    {"text.", "text_encoder.encoder.layer.", bert_layer_names()},
    {"text_projection.", "text_proj."},
    {"vision_projection.", "vision_proj."},
    {"match_head.", "itm_head."},
};

const NameMap kOriginalVision = {
    {"vision.class_token", "visual_encoder.cls_token"},
    {"vision.positions", "visual_encoder.pos_embed"},
    {"vision.patch_", "visual_encoder.patch_embed.proj."},
    {"vision.layers.",
     "visual_encoder.blocks.",
     {{"attention.qkv", {"attn.qkv"}},
      {"attention.output", {"attn.proj"}},
      {".up.", {".mlp.fc1."}},
      {".down.", {".mlp.fc2."}}}},
    {"vision_norm.", "visual_encoder.norm."},
};

}  // namespace

NameMap blip_vision_names() {
  return {{"vision.class_token", "vision_model.embeddings.class_embedding"},
          {"vision.positions", "vision_model.embeddings.position_embedding"},
          {"vision.patch_", "vision_model.embeddings.patch_embedding."},
          {"vision.layers.",
           "vision_model.encoder.layers.",
           {{"attention.qkv", {"self_attn.qkv"}},
            {"attention.output", {"self_attn.projection"}},
            {"norm1", {"layer_norm1"}},
            {"norm2", {"layer_norm2"}},
            {".up.", {".mlp.fc1."}},
            {".down.", {".mlp.fc2."}}}},
          {"vision_norm.", "vision_model.post_layernorm."}};
}

NameMap blip_names() { return (kSharedNames + blip_vision_names()) | (kSharedNames + kOriginalVision); }

std::vector<std::string> blip_ignored_names() {
  return {"*.position_ids",
          "visual_encoder_m.*",
          "text_encoder_m.*",
          "vision_proj_m.*",
          "text_proj_m.*",
          "image_queue",
          "text_queue",
          "idx_queue",
          "ptr_queue",
          "queue_ptr",
          "temp"};
}

}  // namespace tandem::models
