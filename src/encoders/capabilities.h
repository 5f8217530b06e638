// What a model can do, in words, and the refusal of what it cannot.
//
// Thread-safe: free functions on values.
#pragma once

#include <string>

#include "tandem/model.h"

namespace tandem {

// To follow "clip models ...": "embed texts and pictures but have no matching head".
std::string describe(const Capabilities& can);

// Each throws Unsupported where the model cannot: what it can, and which models would do.
void require_text_embedding(const ModelInfo& info);
void require_image_embedding(const ModelInfo& info);
void require_embedding(const ModelInfo& info);  // of texts or of images
void require_match(const ModelInfo& info);

}  // namespace tandem
