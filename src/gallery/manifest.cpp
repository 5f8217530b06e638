#include "gallery/manifest.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "core/fail.h"
#include "core/hash.h"
#include "gallery/paths.h"
#include "index/automatic.h"
#include "index/index_file.h"
#include "index/stored_index.h"

namespace tandem::gallery {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFormatName = "tandem gallery";
constexpr std::uint64_t kMaxManifestBytes = 1 << 20;
constexpr std::size_t kMaxTokenWidth = 1 << 20;
constexpr std::size_t kMaxEmbeddingRows = 1 << 16;
// The file ends in these words, the checksum of all bytes before them in 16 hex digits, and kTailEnd.
constexpr std::string_view kTail = "  \"checksum\": \"";
constexpr std::string_view kTailEnd = "\"\n}\n";

std::string new_uuid() {
  std::random_device random;
  std::string digits;
  for (int i = 0; i < 4; ++i) digits += fmt::format("{:08x}", random());
  return digits;
}

std::string checksum_digits(std::string_view body) {
  return fmt::format("{:016x}", checksum64(std::as_bytes(std::span(body))));
}

void require_manifest_checksum(const std::string& text, const std::string& name) {
  const std::size_t tail_size = kTail.size() + 16 + kTailEnd.size();
  const std::string_view body =
      std::string_view(text).substr(0, text.size() - std::min(text.size(), tail_size));
  const std::string wanted = fmt::format("{}{}{}{}", body, kTail, checksum_digits(body), kTailEnd);
  if (text != wanted) {
    fail(ErrorCode::kBadFormat, "{}: its checksum does not fit its {} bytes; it is damaged or was edited",
         name, text.size());
  }
}

// A real number, as 1e300, must not be turned into an integer.
std::int64_t integer_at(const ordered_json& json, const char* key, const std::string& name) {
  const auto& value = json.at(key);
  if (!value.is_number_integer()) {
    fail(ErrorCode::kBadFormat, "{}: \"{}\" is {}, an integer is wanted", name, key, value.dump());
  }
  return value.get<std::int64_t>();
}

void require_version(const ordered_json& json, const std::string& name) {
  if (json.value("format", std::string()) != kFormatName) {
    fail(ErrorCode::kBadFormat, "{}: is not the manifest of a gallery: \"format\" is not \"{}\"", name,
         kFormatName);
  }
  const auto version = integer_at(json, "version", name);
  if (version > kFormatVersion) {
    fail(ErrorCode::kVersionTooNew, "{}: has version {}, this library reads up to {}; update the library",
         name, version, kFormatVersion);
  }
  if (version < 1) fail(ErrorCode::kBadFormat, "{}: has version {}, at least 1 is wanted", name, version);
}

std::size_t bounded(const ordered_json& json, const char* key, std::size_t least, std::size_t most,
                    const std::string& name) {
  const auto value = integer_at(json, key, name);
  if (value < static_cast<std::int64_t>(least) || value > static_cast<std::int64_t>(most)) {
    fail(ErrorCode::kBadFormat, "{}: \"{}\" is {}, {} to {} is wanted", name, key, value, least, most);
  }
  return static_cast<std::size_t>(value);
}

GalleryModel model_from_json(const ordered_json& json, const std::string& name) {
  GalleryModel model;
  model.family = json.at("family").get<std::string>();
  model.path = percent_decoded(json.at("path").get<std::string>(), name);
  if (json.contains("detector")) {
    model.detector = percent_decoded(json.at("detector").get<std::string>(), name);
  }
  model.tower_precision = parse_precision(json.value("tower_precision", to_string(Precision::kFp32)));
  model.weights_fingerprint = json.at("weights").get<std::string>();
  model.preprocessing_fingerprint = json.at("preprocessing").get<std::string>();
  return model;
}

ordered_json to_json(const GalleryModel& model) {
  ordered_json json = {{"family", model.family}, {"path", percent_encoded(model.path.string())}};
  if (!model.detector.empty()) json["detector"] = percent_encoded(model.detector.string());
  if (model.tower_precision != Precision::kFp32) json["tower_precision"] = to_string(model.tower_precision);
  json["weights"] = model.weights_fingerprint;
  json["preprocessing"] = model.preprocessing_fingerprint;
  return json;
}

void read_max_tokens(const ordered_json& json, const std::string& name, Manifest& manifest) {
  if (manifest.tokens == TokenStorage::kNone || !json.contains("max_tokens")) return;
  manifest.max_tokens = bounded(json, "max_tokens", kLeastMaxTokens, kMostMaxTokens, name);
  manifest.first_whole_tokens = bounded(json, "first_whole_tokens", 0, manifest.max_tokens - 1, name);
  const std::size_t most = manifest.max_tokens - 1 - manifest.first_whole_tokens;
  manifest.last_whole_tokens = bounded(json, "last_whole_tokens", 0, most, name);
}

ordered_json max_tokens_to_json(const Manifest& manifest) {
  if (manifest.max_tokens == 0) return ordered_json::object();
  return {{"max_tokens", manifest.max_tokens},
          {"first_whole_tokens", manifest.first_whole_tokens},
          {"last_whole_tokens", manifest.last_whole_tokens}};
}

// What a gallery keeps of the image tokens of `model`.
void choose_tokens(const ModelInfo& model, const GalleryOptions& options, Manifest& manifest) {
  // A model that cannot match has no tokens to store.
  const bool has_tokens = model.capabilities.match && model.image_token_width > 0;
  if (!has_tokens || options.tokens == TokenStorage::kNone) return;
  manifest.tokens = options.tokens;
  manifest.token_width = model.image_token_width;
  if (options.max_tokens == 0) return;
  const std::size_t whole = model.first_whole_tokens + model.last_whole_tokens;
  const std::size_t least = std::max(kLeastMaxTokens, whole + 1);
  if (options.max_tokens < least || options.max_tokens > kMostMaxTokens) {
    fail(ErrorCode::kInvalidArgument,
         "gallery: at most {} image tokens of a picture are asked for, {} to {} is wanted: {} of {} ({}) "
         "stand for the whole picture and are not merged",
         options.max_tokens, least, kMostMaxTokens, whole, model.path.string(), model.family);
  }
  manifest.max_tokens = options.max_tokens;
  manifest.first_whole_tokens = model.first_whole_tokens;
  manifest.last_whole_tokens = model.last_whole_tokens;
}

int version_of(const Manifest& manifest) { return manifest.reranker ? 2 : 1; }

Manifest from_json(const ordered_json& json, const std::string& name) {
  Manifest manifest;
  manifest.uuid = json.at("uuid").get<std::string>();
  if (!is_uuid(manifest.uuid)) {
    fail(ErrorCode::kBadFormat, "{}: \"uuid\" is not {} hex digits", name, kUuidDigits);
  }
  manifest.model = model_from_json(json.at("model"), name);
  if (json.contains("reranker")) manifest.reranker = model_from_json(json.at("reranker"), name);
  manifest.dimension = bounded(json, "dimension", 1, index::kMaxDimension, name);
  manifest.embedding_rows = bounded(json, "embedding_rows", 1, kMaxEmbeddingRows, name);
  manifest.tokens = parse_token_storage(json.at("tokens").get<std::string>());
  const std::size_t least = manifest.tokens == TokenStorage::kNone ? 0 : 1;
  manifest.token_width = bounded(json, "token_width", least, kMaxTokenWidth, name);
  read_max_tokens(json, name, manifest);
  manifest.index_spec = json.at("index").get<std::string>();
  return manifest;
}

}  // namespace

SegmentHeader Manifest::segment(SegmentKind kind, std::int64_t id) const {
  const bool is_tokens = kind == SegmentKind::kTokens;
  SegmentHeader header;
  header.kind = kind;
  header.type = is_tokens ? element_type(tokens) : ElementType::kFp32;
  header.gallery = uuid;
  header.id = id;
  header.width = static_cast<std::uint32_t>(is_tokens ? token_width : dimension);
  return header;
}

Manifest make_manifest(const ModelInfos& models, const GalleryOptions& options) {
  const ModelInfo& model = models.model;
  const ModelInfo& matching = models.matching();
  if (!matching.capabilities.match && models.reranker != nullptr) {
    fail(ErrorCode::kUnsupported, "{}: {} models cannot rerank, as they do not match a text with a picture",
         matching.path.string(), matching.family);
  }
  if (model.embedding_dim == 0 || model.embedding_dim > index::kMaxDimension || model.embedding_rows == 0 ||
      model.embedding_rows > kMaxEmbeddingRows || matching.image_token_width > kMaxTokenWidth) {
    fail(ErrorCode::kInvalidArgument,
         "gallery: model {} ({}) gives {} embeddings of {} values for a picture, at least one of one is "
         "wanted",
         model.path.string(), model.family, model.embedding_rows, model.embedding_dim);
  }
  if (options.index_spec != index::kAutomatic) {
    index::make_stored_index(options.index_spec, model.embedding_dim);  // refuses what is none
  }
  Manifest manifest;
  manifest.uuid = new_uuid();
  manifest.model = gallery_model(model);
  if (models.reranker != nullptr) manifest.reranker = gallery_model(matching);
  manifest.dimension = model.embedding_dim;
  manifest.embedding_rows = model.embedding_rows;
  choose_tokens(matching, options, manifest);
  manifest.index_spec = options.index_spec;
  return manifest;
}

std::string format_manifest(const Manifest& manifest) {
  ordered_json json = {
      {"format", kFormatName},
      {"version", version_of(manifest)},
      {"uuid", manifest.uuid},
      {"model", to_json(manifest.model)},
  };
  if (manifest.reranker) json["reranker"] = to_json(*manifest.reranker);
  json.update({{"dimension", manifest.dimension},
               {"embedding_rows", manifest.embedding_rows},
               {"tokens", to_string(manifest.tokens)},
               {"token_width", manifest.token_width}});
  json.update(max_tokens_to_json(manifest));
  json["index"] = manifest.index_spec;
  std::string body = json.dump(2);
  body.resize(body.rfind('\n'));  // the closing brace comes after the checksum
  body += ",\n";
  return fmt::format("{}{}{}{}", body, kTail, checksum_digits(body), kTailEnd);
}

Manifest parse_manifest(const std::string& text, const std::string& name) {
  try {
    const auto json = ordered_json::parse(text);
    require_version(json, name);
    require_manifest_checksum(text, name);
    return from_json(json, name);
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorCode::kBadFormat, "{}: is not a manifest: {}", name, error.what());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    fail(ErrorCode::kBadFormat, "{}: {}", name, error.what());
  }
}

Manifest read_manifest(const FileSystem& files, const std::filesystem::path& folder) {
  const FileKind kind = files.status(folder).kind;
  if (kind == FileKind::kMissing) fail(ErrorCode::kNotFound, "{}: there is no such gallery", folder.string());
  if (kind != FileKind::kFolder) {
    fail(ErrorCode::kInvalidArgument, "{}: is a file, the folder of a gallery is wanted", folder.string());
  }
  const auto path = folder / kManifestName;
  if (files.status(path).kind == FileKind::kMissing) {
    fail(ErrorCode::kNotFound, "{}: is not a gallery, or a damaged one: {} is missing", folder.string(),
         kManifestName);
  }
  const auto bytes = files.read(path, kMaxManifestBytes);
  return parse_manifest(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
                        path.string());
}

GalleryInfo gallery_info(const Manifest& manifest, const std::filesystem::path& folder) {
  GalleryInfo info;
  info.path = folder;
  info.format_version = version_of(manifest);
  info.model = manifest.model;
  info.reranker = manifest.reranker;
  info.dimension = manifest.dimension;
  info.embedding_rows = manifest.embedding_rows;
  info.tokens = manifest.tokens;
  info.token_width = manifest.token_width;
  info.max_tokens = manifest.max_tokens;
  info.index_spec = manifest.index_spec;
  return info;
}

}  // namespace tandem::gallery
