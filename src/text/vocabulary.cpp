#include "text/vocabulary.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "core/utf8.h"
#include "text/shown.h"

namespace tandem::text {

Vocabulary::Vocabulary(std::vector<std::string> pieces, std::string_view source)
    : pieces_(std::move(pieces)) {
  for (std::size_t id = 0; id < pieces_.size(); ++id) {
    if (const auto offset = first_invalid_utf8(pieces_[id])) {
      fail(ErrorCode::kBadFormat, "{}: piece {} ({}) is invalid UTF-8 at byte {}; wanted UTF-8", source, id,
           shown(pieces_[id]), *offset);
    }
    if (!pieces_[id].empty()) sorted_.push_back(static_cast<std::int32_t>(id));
  }
  std::ranges::sort(sorted_, {}, [this](std::int32_t id) -> const std::string& { return piece(id); });
  const auto twice = std::ranges::adjacent_find(
      sorted_, {}, [this](std::int32_t id) -> const std::string& { return piece(id); });
  if (twice != sorted_.end()) {
    fail(ErrorCode::kBadFormat, "{}: the piece {} has the ids {} and {}; wanted every piece once", source,
         shown(piece(*twice)), std::min(twice[0], twice[1]), std::max(twice[0], twice[1]));
  }
}

Vocabulary Vocabulary::from_entries(std::vector<Entry> entries, std::string_view source) {
  std::vector<std::string> pieces(entries.size());
  std::vector<bool> seen(entries.size());
  for (Entry& entry : entries) {
    if (entry.id < 0 || entry.id >= static_cast<std::int64_t>(entries.size())) {
      fail(ErrorCode::kBadFormat, "{}: the piece {} has id {}; wanted ids 0 to {} without holes", source,
           shown(entry.piece), entry.id, entries.size() - 1);
    }
    const auto id = static_cast<std::size_t>(entry.id);
    if (seen[id]) {
      fail(ErrorCode::kBadFormat, "{}: the pieces {} and {} both have id {}; wanted every id once", source,
           shown(pieces[id]), shown(entry.piece), id);
    }
    seen[id] = true;
    pieces[id] = std::move(entry.piece);
  }
  return Vocabulary(std::move(pieces), source);
}

std::optional<std::int32_t> Vocabulary::find(std::string_view wanted) const {
  const auto found = std::ranges::lower_bound(
      sorted_, wanted, {}, [this](std::int32_t id) -> std::string_view { return piece(id); });
  if (found == sorted_.end() || piece(*found) != wanted) return std::nullopt;
  return *found;
}

bool Vocabulary::Walk::advance(char byte) {
  // In the order of the bytes, a piece that ends here comes before all that go on.
  const auto byte_at_depth = [this](std::int32_t id) {
    const std::string& piece = vocabulary_->piece(id);
    return depth_ < piece.size() ? static_cast<int>(static_cast<unsigned char>(piece[depth_])) : -1;
  };
  const auto begin = vocabulary_->sorted_.begin();
  const auto range = std::ranges::equal_range(
      begin + static_cast<std::ptrdiff_t>(first_), begin + static_cast<std::ptrdiff_t>(last_),
      static_cast<int>(static_cast<unsigned char>(byte)), {}, byte_at_depth);
  first_ = static_cast<std::size_t>(range.begin() - begin);
  last_ = static_cast<std::size_t>(range.end() - begin);
  ++depth_;
  return first_ < last_;
}

std::optional<std::int32_t> Vocabulary::Walk::id() const {
  if (first_ == last_) return std::nullopt;
  const std::int32_t id = vocabulary_->sorted_[first_];
  if (vocabulary_->piece(id).size() != depth_) return std::nullopt;
  return id;
}

}  // namespace tandem::text
