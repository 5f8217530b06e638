// tokenizer.json: the vocabulary, the added tokens and the chain of components that it describes.
//
// What is not understood is refused (Unsupported), never left out. Immutable.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/bpe.h"
#include "text/model_folder.h"
#include "text/pipeline.h"
#include "text/tokenizer_config.h"
#include "text/vocabulary.h"

namespace tandem::text {

class TokenizerJson {
 public:
  static constexpr std::string_view kFile = "tokenizer.json";

  // Throws Unsupported if the model is not of `model_type` ("WordPiece", "BPE", "Unigram").
  TokenizerJson(const ModelFolder& folder, const std::string& model_type);

  const std::string& source() const { return source_; }
  const nlohmann::json& model() const { return root_.at("model"); }

  // The components of one kind ("normalizer", "pre_tokenizer", "post_processor"), sequences taken apart;
  // none where it is absent or null.
  std::vector<nlohmann::json> components(const std::string& kind) const;
  // Throws Unsupported, naming the component that was found.
  [[noreturn]] void unsupported(const std::string& kind, const nlohmann::json& component) const;

  // Throws Unsupported unless model[name] is absent, null or equal to `wanted`.
  void require_model_value(const std::string& name, const nlohmann::json& wanted) const;
  std::string model_string(const std::string& name, const std::string& absent) const;

  Vocabulary vocabulary() const;           // of WordPiece and BPE: {piece: id}
  std::vector<Bpe::Merge> merges() const;  // of BPE
  AddedTokensById added_tokens() const;
  std::optional<Frame> frame() const;  // of the post_processor; unset without one

 private:
  Frame template_frame(const nlohmann::json& processor) const;
  std::int32_t token_id(const nlohmann::json& pair) const;

  std::string source_;
  nlohmann::json root_;
};

}  // namespace tandem::text
