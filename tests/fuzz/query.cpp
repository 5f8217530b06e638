// Texts of any kind through a tokenizer of each kind.
#include <memory>

#include "tokenizer.h"

using namespace tandem;

namespace {

std::vector<std::shared_ptr<const Tokenizer>> tokenizers() {
  using Kind = text::TokenizerKind;
  const std::filesystem::path folder = std::filesystem::path(TANDEM_TEST_DATA) / "tokenizers";
  std::vector<std::shared_ptr<const Tokenizer>> loaded;
  for (const auto& [name, kind] : {std::pair{"bert-added", Kind::kWordPiece},
                                   {"clip-added", Kind::kClipBpe},
                                   {"roberta-added", Kind::kRobertaBpe},
                                   {"siglip-bytes", Kind::kSiglip},
                                   {"siglip-symbols", Kind::kSiglip},
                                   {"xlm-roberta-across-words", Kind::kXlmRoberta}}) {
    loaded.push_back(text::load_tokenizer_files(folder / name, {.kind = kind, .max_length = 24}));
  }
  return loaded;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kTokenizers = tokenizers();
  for (const auto& tokenizer : kTokenizers) fuzz::try_text(*tokenizer, fuzz::as_text(data, size));
  return 0;
}
