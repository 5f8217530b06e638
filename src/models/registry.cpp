// The one table of model families. Adding a family: its folder, its functions, its line here.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

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
#include "models/preprocessing.h"
#include "models/siglip/siglip.h"
#include "models/tandem/tandem.h"
#include "models/uniter/uniter.h"
#include "models/vilt/vilt.h"

namespace tandem {
namespace models {
namespace {

constexpr Capabilities kEmbed = {.embed_text = true, .embed_image = true, .match = false};
constexpr Capabilities kMatch = {.embed_text = false, .embed_image = false, .match = true};
constexpr Capabilities kEmbedAndMatch = {.embed_text = true, .embed_image = true, .match = true};
constexpr bool kRegions = true;

constexpr OtherLayout kClipLayouts = {"open_clip_config.json, one .pt file", find_clip_layout};
constexpr OtherLayout kBlipLayout = {"one .pth file", find_blip_layout};

constexpr std::array<Family, 11> kFamilies = {{
    {{"tandem", kEmbedAndMatch}, tandem_tokenizer, build_tandem},
    {{"blip", kEmbedAndMatch}, blip_tokenizer, build_blip, kBlipLayout},
    {{"blip-2", kEmbedAndMatch}, blip2_tokenizer, build_blip2},
    {{"clip", kEmbed}, clip_tokenizer, build_clip, kClipLayouts},
    {{"altclip", kEmbed}, altclip_tokenizer, build_altclip},
    {{"siglip", kEmbedAndMatch}, siglip_tokenizer, build_siglip},
    {{"vilt", kMatch}, vilt_tokenizer, build_vilt},
    {{"bridgetower", kEmbedAndMatch}, bridgetower_tokenizer, build_bridgetower},
    {{"oscar", kEmbedAndMatch, kRegions}, oscar_tokenizer, build_oscar, {kModulesFile, find_oscar_layout}},
    {{"uniter", kEmbedAndMatch, kRegions},
     uniter_tokenizer,
     build_uniter,
     {kModulesFile, find_uniter_layout}},
    {{"m3p", kEmbedAndMatch, kRegions}, m3p_tokenizer, build_m3p, {kModulesFile, find_m3p_layout}},
}};

constexpr auto kInfos = [] {
  std::array<FamilyInfo, kFamilies.size()> infos;
  std::ranges::transform(kFamilies, infos.begin(), &Family::info);
  return infos;
}();

// The files that tell the layouts, each once: "config.json", "modules.json".
std::set<std::string_view> known_layouts() {
  std::set<std::string_view> files = {"config.json with a model_type"};
  for (const Family& family : kFamilies) {
    if (family.other.open != nullptr) files.insert(family.other.known_by);
  }
  return files;
}

std::optional<ModelFolder> find_model_folder(const std::filesystem::path& folder, const FileSystem& files) {
  const std::filesystem::path file = folder / "config.json";
  std::optional<checkpoint::Config> config;
  if (files.status(file).kind != FileKind::kMissing) config = checkpoint::Config::read(file, files);
  if (!config || !config->has("model_type")) {
    for (const Family& family : kFamilies) {
      if (family.other.open == nullptr) continue;
      if (auto found = family.other.open(folder, files)) return found;
    }
  }
  if (!config) return std::nullopt;
  return ModelFolder{folder, *std::move(config), folder, {}, find_preprocessing(folder, files)};
}

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
  if (auto found = find_model_folder(folder, files)) return *std::move(found);
  fail(ErrorCode::kNotFound, "{}: is no model; one of these is wanted in it: {}", folder.string(),
       fmt::join(known_layouts(), "; "));
}

const Family& family_of(const ModelFolder& folder) {
  const std::string type = folder.config.get_string("model_type");
  std::string known;
  for (const Family& family : families()) {
    if (type == family.info.name) return family;
    known += (known.empty() ? "" : ", ") + std::string(family.info.name);
  }
  fail(ErrorCode::kUnsupported, "{}: model_type \"{}\" is not among the families that can be loaded ({})",
       (folder.path / "config.json").string(), type, known);
}

}  // namespace models

std::span<const FamilyInfo> model_families() { return models::kInfos; }

bool is_model_folder(const std::filesystem::path& folder) {
  return models::find_model_folder(folder, FileSystem::system()).has_value();
}

}  // namespace tandem
