// How a model folder says that pictures are prepared.
//
// Thread-safe: free functions.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "core/file_system.h"
#include "image/preprocessor.h"
#include "models/family.h"

namespace tandem::models {

// preprocessor_config.json; where there is none, what processor_config.json has under `image_processor`, as
// newer versions of Hugging Face's library write it; else nothing. Throws BadFormat.
std::optional<TextFile> find_preprocessing(const std::filesystem::path& folder, const FileSystem& files);

// As image::parse_preprocessor_text() reads it. Throws NotFound where the folder has none.
image::PreprocessConfig preprocessing_of(const ModelFolder& folder, std::string_view default_class);

// What CLIP and BLIP have in common as their authors publish them, in the words of preprocessor_config.json:
// resized by the bicubic filter, normalised by CLIP's mean and std.
nlohmann::json clip_preprocessing();

}  // namespace tandem::models
