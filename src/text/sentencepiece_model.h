// SentencePiece models of every type, by the SentencePiece library.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tandem/text.h"
#include "text/sentencepiece_contents.h"
#include "text/unigram.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace tandem::text {

class SentencePieceModel {
 public:
  // Throws BadFormat, and Unsupported for models of words or characters and for BPE models with a control
  // piece that a text can spell; both name `source`.
  SentencePieceModel(std::string_view bytes, std::string_view source);
  ~SentencePieceModel();
  SentencePieceModel(SentencePieceModel&&) noexcept;

  std::size_t size() const { return pieces_; }
  std::int32_t unknown_id() const { return unknown_id_; }
  // The ids of well-formed UTF-8, without special ones.
  TokenIds encode(std::string_view text) const;

 private:
  std::string normalize(std::string_view text) const;
  TokenIds encode_unigram(std::string_view normalized) const;

  std::unique_ptr<sentencepiece::SentencePieceProcessor> engine_;
  // Versions of the library differ in how they decide between cuts of equal score, and with that in their
  // ids for runs of a letter. So Unigram models use the library's normaliser and our search, which decides
  // as the newer versions do (0.2), with which the reference results are made.
  std::optional<Unigram<float>> unigram_;
  std::size_t pieces_ = 0;
  std::int32_t unknown_id_ = 0;
  std::map<char, std::int32_t> byte_ids_;  // which unknown characters become, if there are any
};

}  // namespace tandem::text
