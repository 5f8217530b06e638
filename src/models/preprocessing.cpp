#include "models/preprocessing.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checkpoint/model_config.h"
#include "core/fail.h"

namespace tandem::models {
namespace {

constexpr const char* kOwnFile = "preprocessor_config.json";
constexpr const char* kSharedFile = "processor_config.json";
constexpr const char* kPart = "image_processor";
constexpr std::uint64_t kMaxConfigBytes = 1 << 20;

}  // namespace

std::optional<TextFile> find_preprocessing(const std::filesystem::path& folder, const FileSystem& files) {
  const std::filesystem::path own = folder / kOwnFile;
  if (files.status(own).kind != FileKind::kMissing) {
    const std::vector<std::byte> bytes = files.read(own, kMaxConfigBytes);
    return TextFile{own.string(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
  }
  const std::filesystem::path shared = folder / kSharedFile;
  if (files.status(shared).kind == FileKind::kMissing) return std::nullopt;
  const auto part = checkpoint::Config::read(shared, files).find_object(kPart);
  if (!part) return std::nullopt;
  return TextFile{shared.string() + ": " + kPart, part->dump()};
}

image::PreprocessConfig preprocessing_of(const ModelFolder& folder, std::string_view default_class) {
  if (!folder.preprocessing) {
    fail(ErrorCode::kNotFound,
         "{}: there is no such file, nor a {} with an {} in it; fetch it with the model",
         (folder.path / kOwnFile).string(), kSharedFile, kPart);
  }
  return image::parse_preprocessor_text(folder.preprocessing->text, folder.preprocessing->place,
                                        default_class);
}

nlohmann::json clip_preprocessing() {
  return {{"do_resize", true},
          {"resample", static_cast<int>(image::Filter::kBicubic)},
          {"do_rescale", true},
          {"rescale_factor", 1.0 / 255},
          {"do_normalize", true},
          {"image_mean", {0.48145466, 0.4578275, 0.40821073}},
          {"image_std", {0.26862954, 0.26130258, 0.27577711}}};
}

}  // namespace tandem::models
