#include "gallery/sqlite_pages.h"

#include <algorithm>
#include <optional>

#include "gallery/sqlite_record.h"

namespace tandem::gallery {
namespace {

using Bytes = std::span<const std::byte>;

// https://www.sqlite.org/fileformat2.html: pages count from 1.
constexpr std::size_t kMinPageBytes = 512;
constexpr std::size_t kMaxPageBytes = 65'536;
constexpr std::size_t kFileHeaderBytes = 100;  // in front of the first page's own header
enum PageKind : unsigned { kInnerIndex = 2, kInnerTable = 5, kIndexLeaf = 10, kTableLeaf = 13 };

struct Cell {
  std::size_t page;  // counted from 1
  std::size_t offset;
  std::uint64_t kind;
};

class Pages {
 public:
  Pages(Bytes file, std::size_t page_bytes) : file_(file), page_bytes_(page_bytes) {}

  // All cells of pages that may have rows or entries: also of pages of an unknown kind, as that may be what
  // is damaged.
  std::vector<Cell> cells() const {
    std::vector<Cell> cells;
    for (std::size_t number = 1; !page(number).empty(); ++number) {
      SqliteCursor header(page(number));
      if (number == 1) header.take(kFileHeaderBytes);
      const auto kind = header.number(1);
      if (kind == kInnerTable) continue;
      header.take(2);
      const auto count = header.number(2);
      header.take(kind == kInnerIndex ? 7 : 3);
      for (std::uint64_t i = 0; i < count && header.size() >= 2; ++i) {
        cells.push_back({number, static_cast<std::size_t>(header.number(2)), kind});
      }
    }
    return cells;
  }

  // The last page of a truncated file may be a part of one; behind it there are none.
  Bytes page(std::uint64_t number) const {
    if (number == 0 || number - 1 >= (file_.size() + page_bytes_ - 1) / page_bytes_) return {};
    const Bytes rest = file_.subspan((number - 1) * page_bytes_);
    return rest.first(std::min(page_bytes_, rest.size()));
  }

  std::optional<Row> read(const Cell& cell) const { return read(page(cell.page), cell); }

  // `page` stands for the cell's page.
  std::optional<Row> read(Bytes page, const Cell& cell) const {
    if (cell.offset >= page.size()) return std::nullopt;
    SqliteCursor cursor(page.subspan(cell.offset));
    const bool is_row = !is_entry(cell);
    if (cell.kind == kInnerIndex) cursor.take(4);  // the page of what comes before
    const std::uint64_t size = cursor.varint();
    std::optional<std::int64_t> id;
    if (is_row) id = static_cast<std::int64_t>(cursor.varint());
    const std::uint64_t local = local_bytes(size, is_row);
    const Bytes here = cursor.take(local);
    if (cursor.failed()) return std::nullopt;
    if (local == size) return parse_sqlite_record(here, id);
    std::vector<std::byte> record(here.begin(), here.end());
    if (!append_overflow(record, cursor.number(4), size - local)) return std::nullopt;
    return parse_sqlite_record(record, id);
  }

  static bool is_entry(const Cell& cell) { return cell.kind == kInnerIndex || cell.kind == kIndexLeaf; }

 private:
  // How much of a record stands on the page itself.
  std::uint64_t local_bytes(std::uint64_t size, bool is_row) const {
    const std::uint64_t most = is_row ? page_bytes_ - 35 : (page_bytes_ - 12) * 64 / 255 - 23;
    if (size <= most) return size;
    const std::uint64_t least = (page_bytes_ - 12) * 32 / 255 - 23;
    const std::uint64_t fitting = least + (size - least) % (page_bytes_ - 4);
    return fitting <= most ? fitting : least;
  }

  // The rest stands on a chain of pages, each with the number of the next in front. A loop in it would give
  // more bytes than the file has.
  bool append_overflow(std::vector<std::byte>& record, std::uint64_t number, std::uint64_t left) const {
    if (record.size() + left > file_.size()) return false;
    while (left > 0) {
      SqliteCursor next(page(number));
      number = next.number(4);
      const Bytes bytes = next.take(std::min<std::uint64_t>(left, page_bytes_ - 4));
      if (next.failed()) return false;
      record.insert(record.end(), bytes.begin(), bytes.end());
      left -= bytes.size();
    }
    return true;
  }

  Bytes file_;
  std::size_t page_bytes_;
};

// The size of pages stands in the file's header, which may be what is damaged: the right one is that by which
// most can be read.
std::size_t page_bytes_of(Bytes file) {
  std::size_t best = kMinPageBytes;
  std::size_t most = 0;
  for (std::size_t bytes = kMinPageBytes; bytes <= kMaxPageBytes; bytes *= 2) {
    const Pages pages(file, bytes);
    std::size_t count = 0;
    for (const Cell& cell : pages.cells()) count += pages.read(cell) ? 1 : 0;
    if (count > most) {
      most = count;
      best = bytes;
    }
  }
  return best;
}

// Tries rows that differ from the cell in one byte until `is_right` takes one; whether it did. `tries` counts
// down; a row of a few hundred bytes takes some ten thousand, and they some hundredths of a second.
bool mend(const Pages& pages, const Cell& cell, const std::function<bool(const Row&)>& is_right,
          std::size_t& tries) {
  constexpr std::size_t kMostBytes = 1024;  // beyond them only the part on overflow pages is long
  const Bytes whole = pages.page(cell.page);
  std::vector<std::byte> page(whole.begin(), whole.end());
  const std::size_t end = std::min(page.size(), cell.offset + kMostBytes);
  for (std::size_t at = cell.offset; at < end; ++at) {
    for (unsigned change = 1; change < 256; ++change) {
      if (tries == 0) return false;
      --tries;
      page[at] = whole[at] ^ static_cast<std::byte>(change);
      const auto row = pages.read(page, cell);
      if (row && is_right(*row)) return true;
    }
    page[at] = whole[at];
  }
  return false;
}

}  // namespace

void visit_pages(std::span<const std::byte> file, const PageVisitor& visitor, std::size_t most_tries) {
  std::size_t tries = most_tries;
  const Pages pages(file, page_bytes_of(file));
  for (const Cell& cell : pages.cells()) {
    const auto row = pages.read(cell);
    if (Pages::is_entry(cell)) {
      if (row) visitor.entry(*row);
    } else if (!row || !visitor.row(*row)) {
      if (cell.kind != kTableLeaf) continue;
      if (mend(pages, cell, visitor.row, tries)) continue;
      if (row) visitor.damaged_row(*row);
    }
  }
}

}  // namespace tandem::gallery
