// A SentencePiece model file: its contents, and the library's engine over it.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tandem/text.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace tandem::text {

// What stands in the file, as far as it is needed here.
struct SentencePieceContents {
  enum class Type { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };
  struct Piece {
    std::string text;
    float score = 0;
    Type type = Type::kNormal;
  };
  std::vector<Piece> pieces;
  std::uint64_t model_type = 1;  // 1: Unigram, 2: BPE
  std::string charsmap;
};

// Throws BadFormat, naming `source`, for bytes that are no SentencePiece model.
SentencePieceContents parse_sentencepiece_model(std::string_view bytes, std::string_view source);

class SentencePieceModel {
 public:
  // Throws BadFormat, naming `source`.
  SentencePieceModel(std::string_view bytes, std::string_view source);
  ~SentencePieceModel();
  SentencePieceModel(SentencePieceModel&&) noexcept;

  std::size_t size() const;
  std::vector<std::string> encode_pieces(std::string_view text) const;
  TokenIds encode_ids(std::string_view text) const;
  // The unknown id for a piece that is not there.
  std::int32_t id_of(std::string_view piece) const;
  bool contains(std::string_view piece) const;

 private:
  std::unique_ptr<sentencepiece::SentencePieceProcessor> engine_;
};

}  // namespace tandem::text
