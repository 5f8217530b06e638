// tokenizer.json, a tokenizer_config.json beside it, and a text: for each kind of tokenizer that reads them.
#include "tokenizer.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::cut_into_files(fuzz::as_text(data, size), 3);
  MemoryFiles files;
  files.set("model/tokenizer.json", parts[0]);
  if (!parts[1].empty()) files.set("model/tokenizer_config.json", parts[1]);
  using Kind = text::TokenizerKind;
  for (const Kind kind :
       {Kind::kWordPiece, Kind::kClipBpe, Kind::kRobertaBpe, Kind::kSiglip, Kind::kXlmRoberta}) {
    fuzz::try_tokenizer(files, kind, parts[2]);
  }
  return 0;
}
