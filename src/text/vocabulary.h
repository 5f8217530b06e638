// The pieces of a sub-word model and their ids, found whole or by common prefix.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::text {

class Vocabulary {
 public:
  // Pieces in the order of their ids. An empty piece keeps its id and is never found.
  // Throws BadFormat, naming `source`, for invalid UTF-8 and for a piece that is there twice.
  Vocabulary(std::vector<std::string> pieces, std::string_view source);

  // The same from pairs in any order. Throws BadFormat too where the ids are not 0, 1, 2, ... each once.
  struct Entry {
    std::string piece;
    std::int64_t id;
  };
  static Vocabulary from_entries(std::vector<Entry> entries, std::string_view source);

  std::size_t size() const { return pieces_.size(); }
  const std::string& piece(std::int32_t id) const { return pieces_[static_cast<std::size_t>(id)]; }
  std::optional<std::int32_t> find(std::string_view piece) const;

  // The pieces that begin with the bytes walked so far.
  class Walk {
   public:
    // One byte further; false when no piece goes on like that (then the walk is over).
    bool advance(char byte);
    // The id of the piece that consists of the bytes walked so far.
    std::optional<std::int32_t> id() const;

   private:
    friend class Vocabulary;
    explicit Walk(const Vocabulary& vocabulary)
        : vocabulary_(&vocabulary), last_(vocabulary.sorted_.size()) {}
    const Vocabulary* vocabulary_;
    std::size_t first_ = 0;  // range of sorted_
    std::size_t last_;
    std::size_t depth_ = 0;  // bytes walked
  };
  Walk walk() const { return Walk(*this); }

 private:
  std::vector<std::string> pieces_;   // by id
  std::vector<std::int32_t> sorted_;  // ids in order of their pieces' bytes, empty pieces left out
};

}  // namespace tandem::text
