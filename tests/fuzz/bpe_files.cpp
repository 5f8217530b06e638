// vocab.json, merges.txt and added_tokens.json, the older files of byte-level BPE, and a text.
#include "tokenizer.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::cut_into_files(fuzz::as_text(data, size), 4);
  MemoryFiles files;
  files.set("model/vocab.json", parts[0]);
  files.set("model/merges.txt", parts[1]);
  if (!parts[2].empty()) files.set("model/added_tokens.json", parts[2]);
  fuzz::try_tokenizer(files, text::TokenizerKind::kClipBpe, parts[3]);
  fuzz::try_tokenizer(files, text::TokenizerKind::kRobertaBpe, parts[3]);
  return 0;
}
