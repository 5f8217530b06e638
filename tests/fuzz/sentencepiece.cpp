// A SentencePiece model, as each kind of tokenizer reads it, and a text.
#include "tokenizer.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::cut_into_files(fuzz::as_text(data, size), 2);
  MemoryFiles files;
  for (const char* name : {"sentencepiece.model", "spiece.model", "sentencepiece.bpe.model"}) {
    files.set(std::filesystem::path("model") / name, parts[0]);
  }
  using Kind = text::TokenizerKind;
  for (const Kind kind : {Kind::kPlainSentencePiece, Kind::kSiglip, Kind::kXlmRoberta}) {
    fuzz::try_tokenizer(files, kind, parts[1]);
  }
  return 0;
}
