#include "text/sentencepiece_contents.h"

#include <cmath>

#include "core/fail.h"
#include "core/utf8.h"
#include "text/protobuf_reader.h"
#include "text/shown.h"

namespace tandem::text {
namespace {

using Field = ProtobufReader::Field;
using Piece = SentencePieceContents::Piece;

Piece parse_piece(std::string_view bytes, std::string_view source) {
  Piece piece;
  ProtobufReader reader(bytes, source);
  for (Field field; reader.next(field);) {
    if (field.number == 1 && field.is_bytes) piece.text = field.bytes;
    if (field.number == 2) piece.score = field.as_float();
    if (field.number == 3) piece.type = static_cast<SentencePieceContents::PieceType>(field.integer);
  }
  if (piece.text.empty() || piece.text.find('\0') != std::string::npos || first_invalid_utf8(piece.text)) {
    fail(ErrorCode::kBadFormat, "{}: the piece {} is empty or not UTF-8; the file is damaged", source,
         shown(piece.text));
  }
  if (!std::isfinite(piece.score)) {
    fail(ErrorCode::kBadFormat, "{}: the piece {} has the score {}, wanted a finite number", source,
         shown(piece.text), piece.score);
  }
  return piece;
}

// The first field of the message that has this number; a field without contents if there is none.
Field find_field(std::string_view message, std::uint64_t number, std::string_view source) {
  ProtobufReader reader(message, source);
  for (Field field; reader.next(field);) {
    if (field.number == number) return field;
  }
  return {};
}

}  // namespace

SentencePieceContents parse_sentencepiece_model(std::string_view bytes, std::string_view source) {
  SentencePieceContents contents;
  ProtobufReader reader(bytes, source);
  for (Field field; reader.next(field);) {
    if (!field.is_bytes) continue;
    if (field.number == 1) {
      contents.pieces.push_back(parse_piece(field.bytes, source));
    } else if (field.number == 2) {  // trainer_spec
      const std::uint64_t type = find_field(field.bytes, 3, source).integer;
      if (type != 0) contents.model_type = static_cast<SentencePieceContents::ModelType>(type);
    } else if (field.number == 3) {  // normalizer_spec
      contents.charsmap = find_field(field.bytes, 2, source).bytes;
    }
  }
  if (contents.pieces.empty())
    fail(ErrorCode::kBadFormat, "{}: not a SentencePiece model: no pieces", source);
  return contents;
}

}  // namespace tandem::text
