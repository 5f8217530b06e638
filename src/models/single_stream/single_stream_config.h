// The configuration that the single-stream families share, and the blueprint that it makes.
//
// config.json, beside the fields of BERT: feature_width, max_regions, max_text_tokens (between the special
// ones), "pooling" (a list of "first", "max", "mean", "sum_by_root"; none: it does not embed) and
// "match_head" ({"input": "pooled" or "first", "hidden": width of a layer between, or 0}; none: it does not
// match). docs: models/oscar/README.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/family.h"
#include "models/single_stream/single_stream.h"

namespace tandem::models {

// What the families differ in, to begin with; the rest is read. Throws BadFormat, for one where there is
// neither head.
SingleStreamConfig read_single_stream(const checkpoint::Config& config, SingleStreamConfig defaults);

// `names`: those of the family's regions and layers; the heads' are added.
Blueprint single_stream_blueprint(const SingleStreamConfig& config, std::shared_ptr<RegionEmbedding> regions,
                                  NameMap names, std::vector<std::string> ignored);

// Names of BERT's words and layers in the paper's code, which OSCAR and UNITER have.
NameMap bert_names(std::vector<NameSection> regions);

text::TokenizerOptions single_stream_tokenizer(const SingleStreamConfig& config, text::TokenizerKind kind);

}  // namespace tandem::models
