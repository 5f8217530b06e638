#include "text/sentencepiece_model.h"

#include <fmt/format.h>
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

std::string byte_piece(unsigned char byte) { return fmt::format("<0x{:02X}>", byte); }

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
  require_ok(engine_->LoadFromSerializedProto(bytes), source);
  unknown_id_ = engine_->unk_id();
  if (unknown_id_ < 0 || size() != contents.pieces.size()) {
    fail(ErrorCode::kBadFormat, "{}: {} pieces, the unknown one of id {}; the file is damaged", source,
         size(), unknown_id_);
  }
  has_bytes_ =
      std::ranges::any_of(contents.pieces, [](const auto& piece) { return piece.type == PieceType::kByte; });
  if (contents.model_type == ModelType::kUnigram) {
    unigram_ = make_unigram(contents, unknown_id_, source);
  } else {
    require_no_text_spells_control(contents, source);
  }
}

SentencePieceModel::~SentencePieceModel() = default;
SentencePieceModel::SentencePieceModel(SentencePieceModel&&) noexcept = default;

std::size_t SentencePieceModel::size() const { return static_cast<std::size_t>(engine_->GetPieceSize()); }

std::int32_t SentencePieceModel::id_of(std::string_view piece) const { return engine_->PieceToId(piece); }

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
    if (unknown && has_bytes_) {
      for (std::size_t i = piece.begin; i < piece.end; ++i) {
        ids.push_back(id_of(byte_piece(static_cast<unsigned char>(normalized[i]))));
      }
    } else if (!(unknown && after_unknown)) {
      ids.push_back(piece.id);
    }
    after_unknown = unknown;
  }
  return ids;
}

}  // namespace tandem::text
