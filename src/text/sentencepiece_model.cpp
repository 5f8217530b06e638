#include "text/sentencepiece_model.h"

#include <sentencepiece_processor.h>

#include "core/fail.h"
#include "core/utf8.h"
#include "text/charsmap.h"
#include "text/protobuf_reader.h"

namespace tandem::text {
namespace {

using Field = ProtobufReader::Field;

SentencePieceContents::Piece parse_piece(std::string_view bytes, std::string_view source) {
  SentencePieceContents::Piece piece;
  ProtobufReader reader(bytes, source);
  for (Field field; reader.next(field);) {
    if (field.number == 1 && field.is_bytes) piece.text = field.bytes;
    if (field.number == 2) piece.score = field.as_float();
    if (field.number == 3) piece.type = static_cast<SentencePieceContents::Type>(field.integer);
  }
  return piece;
}

void require_ok(const sentencepiece::util::Status& status, std::string_view source) {
  if (!status.ok()) fail(ErrorCode::kBadFormat, "{}: SentencePiece: {}", source, status.message());
}

}  // namespace

SentencePieceContents parse_sentencepiece_model(std::string_view bytes, std::string_view source) {
  SentencePieceContents contents;
  ProtobufReader reader(bytes, source);
  for (Field field; reader.next(field);) {
    if (!field.is_bytes) continue;
    ProtobufReader message(field.bytes, source);
    if (field.number == 1) {
      contents.pieces.push_back(parse_piece(field.bytes, source));
    } else if (field.number == 2) {  // trainer_spec
      for (Field inner; message.next(inner);) {
        if (inner.number == 3) contents.model_type = inner.integer;
      }
    } else if (field.number == 3) {  // normalizer_spec
      for (Field inner; message.next(inner);) {
        if (inner.number == 2 && inner.is_bytes) contents.charsmap = inner.bytes;
      }
    }
  }
  return contents;
}

SentencePieceModel::SentencePieceModel(std::string_view bytes, std::string_view source)
    : engine_(std::make_unique<sentencepiece::SentencePieceProcessor>()) {
  // The library trusts these parts of the file; they are checked before it sees them.
  const SentencePieceContents contents = parse_sentencepiece_model(bytes, source);
  const Charsmap checked(contents.charsmap, source);
  for (const SentencePieceContents::Piece& piece : contents.pieces) {
    if (piece.text.empty() || first_invalid_utf8(piece.text)) {
      fail(ErrorCode::kBadFormat, "{}: the piece '{}' is empty or not UTF-8; the file is damaged", source,
           printable_utf8(piece.text));
    }
  }
  require_ok(engine_->LoadFromSerializedProto(bytes), source);
}

SentencePieceModel::~SentencePieceModel() = default;
SentencePieceModel::SentencePieceModel(SentencePieceModel&&) noexcept = default;

std::size_t SentencePieceModel::size() const { return static_cast<std::size_t>(engine_->GetPieceSize()); }

std::vector<std::string> SentencePieceModel::encode_pieces(std::string_view text) const {
  std::vector<std::string> pieces;
  require_ok(engine_->Encode(text, &pieces), "text");
  return pieces;
}

TokenIds SentencePieceModel::encode_ids(std::string_view text) const {
  TokenIds ids;
  require_ok(engine_->Encode(text, &ids), "text");
  return ids;
}

std::int32_t SentencePieceModel::id_of(std::string_view piece) const { return engine_->PieceToId(piece); }

bool SentencePieceModel::contains(std::string_view piece) const {
  return engine_->IdToPiece(id_of(piece)) == piece;
}

}  // namespace tandem::text
