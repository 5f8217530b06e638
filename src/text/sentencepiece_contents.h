// What stands in a SentencePiece model file.
//
// Values only; the function is safe to call from many threads at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::text {

// As far as it is needed here; the numbers are those of the file format.
struct SentencePieceContents {
  enum class ModelType : std::uint64_t { kUnigram = 1, kBpe = 2, kWord = 3, kCharacter = 4 };
  enum class PieceType : std::uint64_t {
    kNormal = 1,
    kUnknown = 2,
    kControl = 3,
    kUserDefined = 4,
    kUnused = 5,
    kByte = 6
  };
  struct Piece {
    std::string text;
    float score = 0;
    PieceType type = PieceType::kNormal;
  };
  std::vector<Piece> pieces;
  ModelType model_type = ModelType::kUnigram;
  std::string charsmap;
};

// Throws BadFormat, naming `source`: bytes that are no SentencePiece model, pieces that are empty or not
// UTF-8, scores that are not finite.
SentencePieceContents parse_sentencepiece_model(std::string_view bytes, std::string_view source);

}  // namespace tandem::text
