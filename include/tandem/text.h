// Texts and their tokens.
//
// A Tokenizer is immutable: const methods may be called from many threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem {

// A query or a caption. `language` is an ISO 639-1 code ("en"); it matters only to models that have
// language embeddings, others ignore it.
struct Text {
  Text() = default;
  Text(std::string value, std::string code = {})  // NOLINT: a plain string is a text
      : text(std::move(value)), language(std::move(code)) {}
  Text(const char* value) : text(value) {}  // NOLINT

  std::string text;  // UTF-8
  std::string language;
};

// Token ids with special tokens in, truncated to the model's limit, without padding.
using TokenIds = std::vector<std::int32_t>;

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  // Never empty: at least the special tokens. Throws InvalidArgument for invalid UTF-8, naming the
  // offset of the first bad byte.
  virtual TokenIds encode(std::string_view text) const = 0;
  // Number of ids, special tokens included; every id that encode() returns is below it.
  virtual std::size_t vocabulary_size() const = 0;
  // Longest result of encode().
  virtual std::size_t max_length() const = 0;
  // The id that fills a text up to max_length() for a model that reads texts of one length only (SigLIP);
  // none for all other models, which read texts as encode() gives them.
  virtual std::optional<std::int32_t> padding_id() const { return std::nullopt; }
};

// The tokenizer of a model folder, without reading its weights.
// Throws NotFound (no such folder, no tokenizer files), BadFormat, Unsupported (unknown family).
std::shared_ptr<const Tokenizer> load_tokenizer(const std::filesystem::path& model_folder);

}  // namespace tandem
