#include "models/tandem/tandem_names.h"

namespace tandem::models {
namespace {

const std::vector<Rename> kTextLayer = {{"attention.qkv", {"qkv"}}, {"attention.output", {"o"}},
                                        {"norm1", {"ln1"}},         {"norm2", {"ln2"}},
                                        {".up.", {".fi."}},         {".down.", {".fo."}}};

}  // namespace

NameMap tandem_names() {
  return {
      {"vision.class_token", "backbone.cls"},
      {"vision.positions", "backbone.pos"},
      {"vision.patch_", "backbone.patch."},
      {"vision.layers.",
       "backbone.blocks.",
       {{"attention.qkv", {"qkv"}},
        {"attention.output", {"proj"}},
        {".up.", {".fc1."}},
        {".down.", {".fc2."}},
        {"scale", {"ls"}}}},
      {"vision_norm.", "backbone.norm."},
      {"image_class.", "joint.cls."},
      {"image_grid.", "joint.img."},
      {"image_positions", "joint.ipos"},
      {"image_type", "joint.itype"},
      {"image_norm.", "joint.iln."},
      {"tagger.network.", "tagger."},
      {"tag_type", "joint.tagtype"},
      {"words.", "text.word."},
      {"positions.", "text.pos."},
      {"text_type", "text.ttype"},
      {"words_norm.", "text.ln."},
      {"stem.", "text.layers.", kTextLayer},
      {"shared.", "joint.shared.", kTextLayer},
      {"match_token", "joint.mtok"},
      {"match_hidden.", "joint.match.0."},
      {"match_out.", "joint.match.3."},
      {"match_scale", "joint.mscale"},
      {"match_factors.", "joint.factors."},
      {"match_hubness.", "joint.hubness."},
      {"contrastive_scale", "joint.logit"},
  };
}

}  // namespace tandem::models
