// vocab.txt and tokenizer_config.json, the older files of WordPiece, and a text.
#include "tokenizer.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::cut_into_files(fuzz::as_text(data, size), 3);
  MemoryFiles files;
  files.set("model/vocab.txt", parts[0]);
  if (!parts[1].empty()) files.set("model/tokenizer_config.json", parts[1]);
  fuzz::try_tokenizer(files, text::TokenizerKind::kWordPiece, parts[2]);
  return 0;
}
