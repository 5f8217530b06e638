#include "gallery/photo.h"

#include <nlohmann/json.hpp>

#include "gallery/paths.h"
#include "tandem/gallery.h"

namespace tandem {
namespace gallery {
namespace {

constexpr const char* kPhoto = "photo";

}  // namespace

std::string photo_metadata(const std::filesystem::path& picture, const std::filesystem::path& photo) {
  const auto relative = photo.lexically_relative(picture.parent_path());
  return nlohmann::json{{kPhoto, percent_encoded(relative.string())}}.dump();
}

}  // namespace gallery

std::filesystem::path photo_of(const ImageRecord& record) {
  const auto metadata = nlohmann::json::parse(record.metadata, nullptr, /*allow_exceptions=*/false);
  if (!metadata.is_object()) return record.path;
  const auto photo = metadata.find(gallery::kPhoto);
  if (photo == metadata.end() || !photo->is_string()) return record.path;
  const std::string relative = gallery::percent_decoded(photo->get<std::string>(), record.path.string());
  return (record.path.parent_path() / relative).lexically_normal();
}

}  // namespace tandem
