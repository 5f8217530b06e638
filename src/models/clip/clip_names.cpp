#include "models/clip/clip_names.h"

#include "models/clip/clip_vision.h"

namespace tandem::models {
namespace {

NameMap port_names() {
  return NameMap{{"words.", "text_model.embeddings.token_embedding."},
                 {"positions.", "text_model.embeddings.position_embedding."},
                 {"text.", "text_model.encoder.layers.", clip_layer_names()},
                 {"text_norm.", "text_model.final_layer_norm."},
                 {"scale", "logit_scale"}} +
         NameMap(clip_vision_names());
}

// The projections are kept as what a row is multiplied with from the right.
NameMap original_names() {
  const std::vector<Rename> layer = {{".attention.qkv.", {".attn.in_proj_"}},
                                     {".attention.output.", {".attn.out_proj."}},
                                     {".norm1.", {".ln_1."}},
                                     {".norm2.", {".ln_2."}},
                                     {".up.", {".mlp.c_fc."}},
                                     {".down.", {".mlp.c_proj."}}};
  return {{"words.", "token_embedding."},
          {"positions.weight", "positional_embedding"},
          {"text.", "transformer.resblocks.", layer},
          {"text_norm.", "ln_final."},
          {"text_projection.weight", "text_projection", {}, /*transposed=*/true},
          {"vision.tower.class_token", "visual.class_embedding"},
          {"vision.tower.positions", "visual.positional_embedding"},
          {"vision.tower.patch_weight", "visual.conv1.weight"},
          {"vision.tower.first_norm.", "visual.ln_pre."},
          {"vision.tower.layers.", "visual.transformer.resblocks.", layer},
          {"vision.norm.", "visual.ln_post."},
          {"vision.projection.weight", "visual.proj", {}, /*transposed=*/true},
          {"scale", "logit_scale"}};
}

}  // namespace

NameMap clip_names() { return port_names() | original_names(); }

std::vector<std::string> clip_ignored_names() {
  return {"*.position_ids", "input_resolution", "context_length", "vocab_size", "*attn_mask"};
}

}  // namespace tandem::models
