// Folders of open_clip (github.com/mlfoundations/open_clip): open_clip_config.json beside the weights.
//
// Thread-safe: a free function.
#pragma once

#include "models/family.h"

namespace tandem::models {

// Nothing where there is no open_clip_config.json. Throws Unsupported, naming the field, for what is no plain
// CLIP: towers of other libraries, other ways of pooling, CoCa.
std::optional<ModelFolder> find_open_clip_layout(const std::filesystem::path& folder,
                                                 const FileSystem& files);

}  // namespace tandem::models
