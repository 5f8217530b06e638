#include "text/bpe.h"

#include <fmt/format.h>

#include <queue>
#include <tuple>

#include "core/fail.h"
#include "text/shown.h"
#include "text/unicode.h"

namespace tandem::text {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::uint64_t pair_key(std::int32_t left, std::int32_t right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}

// A pair of neighbours that may be merged: the one of lowest rank first, then the leftmost.
struct Candidate {
  std::int32_t rank;
  std::size_t left;  // position of its left symbol
  std::int32_t merged_id;
  bool operator>(const Candidate& other) const {
    return std::tie(rank, left) > std::tie(other.rank, other.left);
  }
};

}  // namespace

Bpe::Bpe(Vocabulary vocabulary, const std::vector<Merge>& merges, BpeOptions options, std::string_view source)
    : vocabulary_(std::move(vocabulary)), options_(std::move(options)) {
  const auto id_of = [&](const std::string& piece, std::size_t rank) {
    const auto id = vocabulary_.find(piece);
    if (!id) {
      fail(ErrorCode::kBadFormat,
           "{}: merge {} ({} and {}) names the piece {}, which the vocabulary does not have; take the "
           "merges and the vocabulary from the same model",
           source, rank, shown(merges[rank].first), shown(merges[rank].second), shown(piece));
    }
    return *id;
  };
  rules_.reserve(merges.size());
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    rules_[pair_key(id_of(left, rank), id_of(right, rank))] = {static_cast<std::int32_t>(rank),
                                                               id_of(left + right, rank)};
  }
}

const Bpe::Rule* Bpe::find_rule(std::int32_t left, std::int32_t right) const {
  const auto found = rules_.find(pair_key(left, right));
  return found == rules_.end() ? nullptr : &found->second;
}

void Bpe::encode_word(std::string_view word, TokenIds& ids) const {
  TokenIds symbols = symbols_of(word);
  merge(symbols);
  ids.insert(ids.end(), symbols.begin(), symbols.end());
}

TokenIds Bpe::symbols_of(std::string_view word) const {
  TokenIds symbols;
  bool pending_unknown = false;  // an unknown symbol is appended when the next known one comes
  const auto flush = [&] {
    if (pending_unknown) symbols.push_back(*options_.unknown_id);
    pending_unknown = false;
  };
  for (std::size_t position = 0; position < word.size();) {
    const std::size_t start = position;
    next_code_point(word, position);
    std::string symbol(word.substr(start, position - start));
    if (position == word.size()) symbol += options_.end_of_word;
    if (const auto id = vocabulary_.find(symbol)) {
      flush();
      symbols.push_back(*id);
    } else if (options_.byte_fallback && append_bytes(symbol, symbols)) {
      continue;
    } else if (options_.unknown_id) {
      if (!options_.fuse_unknown) flush();
      pending_unknown = true;
    }
  }
  flush();
  return symbols;
}

bool Bpe::append_bytes(std::string_view symbol, TokenIds& symbols) const {
  TokenIds bytes;
  for (const char byte : symbol) {
    const auto id = vocabulary_.find(fmt::format("<0x{:02X}>", static_cast<unsigned char>(byte)));
    if (!id) return false;
    bytes.push_back(*id);
  }
  symbols.insert(symbols.end(), bytes.begin(), bytes.end());
  return true;
}

void Bpe::merge(TokenIds& symbols) const {
  // A list of the symbols that are left, linked by position; merged-away ones are skipped by the links.
  struct Links {
    std::size_t previous;
    std::size_t next;
    bool gone = false;
  };
  std::vector<Links> links(symbols.size());
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    links[i] = {i > 0 ? i - 1 : kNone, i + 1 < symbols.size() ? i + 1 : kNone};
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto consider = [&](std::size_t left) {
    if (left == kNone || links[left].next == kNone) return;
    if (const Rule* rule = find_rule(symbols[left], symbols[links[left].next])) {
      queue.push({rule->rank, left, rule->merged_id});
    }
  };
  for (std::size_t i = 0; i < symbols.size(); ++i) consider(i);

  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    const std::size_t right = links[best.left].next;
    if (links[best.left].gone || right == kNone) continue;
    // The pair may have changed since it was queued.
    const Rule* rule = find_rule(symbols[best.left], symbols[right]);
    if (rule == nullptr || rule->merged_id != best.merged_id) continue;
    symbols[best.left] = best.merged_id;
    links[right].gone = true;
    links[best.left].next = links[right].next;
    if (links[right].next != kNone) links[links[right].next].previous = best.left;
    consider(links[best.left].previous);
    consider(best.left);
  }

  std::size_t kept = 0;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (!links[i].gone) symbols[kept++] = symbols[i];
  }
  symbols.resize(kept);
}

}  // namespace tandem::text
