// image.tagger in config.json of the default family.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "checkpoint/model_config.h"
#include "models/tandem/tagger.h"

namespace tandem::models {

// Three numbers, for R, G and B. Throws BadFormat.
std::array<float, 3> read_rgb(const checkpoint::Config& config, const std::string& key);

// What config.json says of the tagger alone: the rest is that of pictures and texts. `vocabulary`: rows of
// the word embedding. Throws BadFormat, Unsupported.
TaggerConfig read_tagger(const checkpoint::Config& tagger, std::int64_t vocabulary);

}  // namespace tandem::models
