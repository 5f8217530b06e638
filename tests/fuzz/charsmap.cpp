// SentencePiece's table of character replacements, and a text.
#include "text/charsmap.h"

#include "fuzz.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::cut_into_files(fuzz::as_text(data, size), 2);
  fuzz::accepts([&] {
    const text::Charsmap charsmap(parts[0], "charsmap");
    charsmap.normalize("A dog's \u00c5 \u4e2d\u6587 e\u0301 \uff21 \ufb01 \U0001f436");
    if (!first_invalid_utf8(parts[1])) charsmap.normalize(parts[1]);
  });
  return 0;
}
