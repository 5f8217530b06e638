// The one table of model families. Adding a family: its folder, its two functions, its line here.
#include <array>
#include <string>

#include "core/fail.h"
#include "models/altclip/altclip.h"
#include "models/blip/blip.h"
#include "models/blip2/blip2.h"
#include "models/bridgetower/bridgetower.h"
#include "models/clip/clip.h"
#include "models/family.h"
#include "models/m3p/m3p.h"
#include "models/oscar/oscar.h"
#include "models/paper_layout.h"
#include "models/siglip/siglip.h"
#include "models/tandem/tandem.h"
#include "models/uniter/uniter.h"
#include "models/vilt/vilt.h"

namespace tandem::models {
namespace {

constexpr Capabilities kEmbed = {.embed_text = true, .embed_image = true, .match = false};
constexpr Capabilities kMatch = {.embed_text = false, .embed_image = false, .match = true};
constexpr Capabilities kEmbedAndMatch = {.embed_text = true, .embed_image = true, .match = true};

constexpr std::array<Family, 11> kFamilies = {{
    {"tandem", kEmbedAndMatch, tandem_tokenizer, build_tandem},
    {"blip", kEmbedAndMatch, blip_tokenizer, build_blip},
    {"blip-2", kEmbedAndMatch, blip2_tokenizer, build_blip2},
    {"clip", kEmbed, clip_tokenizer, build_clip},
    {"altclip", kEmbed, altclip_tokenizer, build_altclip},
    {"siglip", kEmbedAndMatch, siglip_tokenizer, build_siglip},
    {"vilt", kMatch, vilt_tokenizer, build_vilt},
    {"bridgetower", kEmbedAndMatch, bridgetower_tokenizer, build_bridgetower},
    {"oscar", kEmbedAndMatch, oscar_tokenizer, build_oscar},
    {"uniter", kEmbedAndMatch, uniter_tokenizer, build_uniter},
    {"m3p", kEmbedAndMatch, m3p_tokenizer, build_m3p},
}};

}  // namespace

std::span<const Family> families() { return kFamilies; }

ModelFolder open_model_folder(const std::filesystem::path& folder, const FileSystem& files) {
  switch (files.status(folder).kind) {
    case FileKind::kFolder:
      break;
    case FileKind::kMissing:
      fail(ErrorCode::kNotFound, "{}: there is no such model folder", folder.string());
    default:
      fail(ErrorCode::kInvalidArgument, "{}: is a file; a model is a folder with config.json in it",
           folder.string());
  }
  if (is_paper_layout(folder, files)) return open_paper_layout(folder, files);
  return {folder, checkpoint::Config::read(folder / "config.json", files), folder, {}};
}

const Family& family_of(const ModelFolder& folder) {
  const std::string type = folder.config.get_string("model_type");
  std::string known;
  for (const Family& family : families()) {
    if (type == family.name) return family;
    known += (known.empty() ? "" : ", ") + std::string(family.name);
  }
  fail(ErrorCode::kUnsupported, "{}: model_type \"{}\" is not among the families that can be loaded ({})",
       (folder.path / "config.json").string(), type, known);
}

}  // namespace tandem::models
