// The names that Hugging Face's BERT and its kin give to the parts of a layer.
//
// Thread-safe: a free function.
#pragma once

#include <vector>

#include "models/name_map.h"

namespace tandem::models {

// From those of nn::TransformerLayer (post-norm, with or without cross-attention).
inline std::vector<Rename> bert_layer_names() {
  return {{".cross.query", {".crossattention.self.query"}},
          {".cross.key_value", {".crossattention.self.key", ".crossattention.self.value"}},
          {".cross.output", {".crossattention.output.dense"}},
          {".norm_cross", {".crossattention.output.LayerNorm"}},
          {".attention.qkv", {".attention.self.query", ".attention.self.key", ".attention.self.value"}},
          {".attention.output", {".attention.output.dense"}},
          {".norm1", {".attention.output.LayerNorm"}},
          {".norm2", {".output.LayerNorm"}},
          {".up", {".intermediate.dense"}},
          {".down", {".output.dense"}}};
}

// From those of nn::TextEmbeddings.
inline std::vector<Rename> bert_embedding_names() {
  return {{".words", {".word_embeddings"}},
          {".positions", {".position_embeddings"}},
          {".types", {".token_type_embeddings"}},
          {".norm", {".LayerNorm"}}};
}

}  // namespace tandem::models
