#include "text/sentencepiece_model.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "text/charsmap.h"
#include "text/protobuf_reader.h"
#include "text/shown.h"
#include "text/unicode.h"

// Debian's SentencePiece and LibTorch's libc10 both export this name: for a flag object of 32 bytes, and for
// an int. The dynamic linker takes one for both. Were it the int, SentencePiece would write over what lies
// behind it in libc10: other flags, and the lock at which TorchScript then waits for ever. So it is this one,
// with room for either. Only SentencePiece reads it; libc10 can set it, by a command line that nobody hands
// to it.
alignas(std::max_align_t) std::byte FLAGS_minloglevel[64];

namespace tandem::text {
namespace {

using PieceType = SentencePieceContents::PieceType;

void require_ok(const sentencepiece::util::Status& status, std::string_view source) {
  if (!status.ok()) fail(ErrorCode::kBadFormat, "{}: SentencePiece: {}", source, status.message());
}

// The byte that a piece "<0x41>" stands for.
char byte_of(std::string_view piece) {
  int byte = 0;
  std::from_chars(piece.data() + 3, piece.data() + 5, byte, 16);
  return static_cast<char>(byte);
}

// The search over the pieces that may stand in a text; the others are left out.
Unigram<float> make_unigram(const SentencePieceContents& contents, std::int32_t unknown_id,
                            std::string_view source) {
  // Of the normal pieces. As in the library, the best score is never taken for less than the smallest
  // positive number.
  float best = std::numeric_limits<float>::min();
  float worst = std::numeric_limits<float>::max();
  for (const auto& piece : contents.pieces) {
    if (piece.type != PieceType::kNormal) continue;
    best = std::max(best, piece.score);
    worst = std::min(worst, piece.score);
  }
  std::vector<std::string> texts;
  std::vector<float> scores;
  for (const auto& piece : contents.pieces) {
    const bool user_defined = piece.type == PieceType::kUserDefined;
    texts.push_back(user_defined || piece.type == PieceType::kNormal ? piece.text : "");
    // A user's symbol is better than all other ways to cover its text.
    const double bonus = static_cast<float>(piece.text.size()) * best - 0.1;
    scores.push_back(user_defined ? static_cast<float>(bonus) : piece.score);
  }
  return {Vocabulary(std::move(texts), source), std::move(scores), unknown_id,
          worst - static_cast<float>(kUnknownPenalty)};
}

// Debian's version of the library reads a control piece out of a text of BPE pieces that spells it, and then
// fails at that text; newer ones do not. A text can be cut to such a piece where it is one character, or
// another piece as well.
void require_no_text_spells_control(const SentencePieceContents& contents, std::string_view source) {
  std::unordered_set<std::string_view> spelt;
  for (const auto& piece : contents.pieces) {
    if (piece.type != PieceType::kControl) spelt.insert(piece.text);
  }
  for (const auto& piece : contents.pieces) {
    if (piece.type != PieceType::kControl) continue;
    if (count_code_points(piece.text) > 1 && !spelt.contains(piece.text)) continue;
    fail(ErrorCode::kUnsupported, "{}: the control piece {} can stand in a text; rename it in the model",
         source, shown(piece.text));
  }
}

void append_varint(std::uint64_t value, std::string& bytes) {
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
}

// The model with one of the pieces that a text is cut into, in the place of all: enough to normalise by, and
// the library builds no trie of them, which nothing would read.
std::string normalizer_of(std::string_view bytes, const SentencePieceContents& contents,
                          std::string_view source) {
  constexpr std::uint64_t kPieces = 1, kSelfTest = 4;  // tests of how texts are cut
  std::string kept;
  bool has_normal = false;
  auto piece = contents.pieces.begin();
  ProtobufReader reader(bytes, source);
  for (ProtobufReader::Field field; reader.next(field);) {
    if (!field.is_bytes || field.number == kSelfTest) continue;
    if (field.number == kPieces) {
      const PieceType type = (piece++)->type;
      if (type == PieceType::kUnused || (type == PieceType::kNormal && has_normal)) continue;
      has_normal = has_normal || type == PieceType::kNormal;
    }
    append_varint(field.number << 3 | 2, kept);
    append_varint(field.bytes.size(), kept);
    kept += field.bytes;
  }
  return kept;
}

}  // namespace

SentencePieceModel::SentencePieceModel(std::string_view bytes, std::string_view source)
    : engine_(std::make_unique<sentencepiece::SentencePieceProcessor>()) {
  const SentencePieceContents contents = parse_sentencepiece_model(bytes, source);
  // No model of texts and pictures has another type, and the library fails at texts of some of those.
  using ModelType = SentencePieceContents::ModelType;
  if (contents.model_type != ModelType::kUnigram && contents.model_type != ModelType::kBpe) {
    fail(ErrorCode::kUnsupported, "{}: a SentencePiece model of type {}; Unigram (1) or BPE (2) is wanted",
         source, static_cast<int>(contents.model_type));
  }
  const Charsmap checked(contents.charsmap, source);  // the library walks its trie without a check
  pieces_ = contents.pieces.size();
  const auto unknown =
      std::ranges::find(contents.pieces, PieceType::kUnknown, &SentencePieceContents::Piece::type);
  unknown_id_ = static_cast<std::int32_t>(unknown - contents.pieces.begin());
  if (contents.model_type == ModelType::kBpe) {
    require_no_text_spells_control(contents, source);
    require_ok(engine_->LoadFromSerializedProto(bytes), source);
    if (const int found = engine_->GetPieceSize(); static_cast<std::size_t>(found) != pieces_) {
      fail(ErrorCode::kBadFormat, "{}: {} pieces, of which the library finds {}; the file is damaged", source,
           pieces_, found);
    }
    return;
  }
  require_ok(engine_->LoadFromSerializedProto(normalizer_of(bytes, contents, source)), source);
  for (std::size_t i = 0; i < pieces_; ++i) {
    const auto& piece = contents.pieces[i];
    if (piece.type == PieceType::kByte) byte_ids_[byte_of(piece.text)] = static_cast<std::int32_t>(i);
  }
  unigram_ = make_unigram(contents, unknown_id_, source);
}

SentencePieceModel::~SentencePieceModel() = default;
SentencePieceModel::SentencePieceModel(SentencePieceModel&&) noexcept = default;

TokenIds SentencePieceModel::encode(std::string_view text) const {
  if (unigram_) return encode_unigram(normalize(text));
  TokenIds ids;
  require_ok(engine_->Encode(text, &ids), "text");
  return ids;
}

std::string SentencePieceModel::normalize(std::string_view text) const {
  // The pieces of a text, joined, are the normalised text.
  std::string normalized;
  const auto encoded = engine_->EncodeAsImmutableProto(text);
  for (const auto& piece : encoded.pieces()) {
    if (engine_->IsByte(static_cast<int>(piece.id()))) {
      normalized += byte_of(piece.piece());
    } else {
      normalized += piece.piece();
    }
  }
  return normalized;
}

TokenIds SentencePieceModel::encode_unigram(std::string_view normalized) const {
  TokenIds ids;
  bool after_unknown = false;
  for (const auto& piece : unigram_->cut(normalized)) {
    const bool unknown = piece.id == unknown_id_;
    if (unknown && !byte_ids_.empty()) {
      for (std::size_t i = piece.begin; i < piece.end; ++i) ids.push_back(byte_ids_.at(normalized[i]));
    } else if (!(unknown && after_unknown)) {
      ids.push_back(piece.id);
    }
    after_unknown = unknown;
  }
  return ids;
}

}  // namespace tandem::text
