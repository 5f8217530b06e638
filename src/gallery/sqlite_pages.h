// The records on the pages of an SQLite file, read without SQLite.
//
// SQLite finds the rows of a table from its root downwards, so that one damaged page hides all pages below
// it. They are whole all the same, and here they are read one by one, wherever they belong. What is on a page
// may be damaged too: nothing that is read here is right before its checksum says so.
//
// Free functions; any bytes may be given.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "gallery/sqlite.h"

namespace tandem::gallery {

// So many changed rows are tried, which takes seconds. Of more rows than they suffice for, not each is
// damaged by a single byte.
inline constexpr std::size_t kMostTries = 2'000'000;

struct PageVisitor {
  // A row of a table; returns whether it is right. Where it is not, or cannot be taken apart, all rows are
  // given that differ from it in one byte on the page, until one is right or all tries are used up. Where its
  // first column is null, as that of an INTEGER PRIMARY KEY is, it has the row's id there.
  std::function<bool(const Row&)> row;
  // A row that nothing could be made of.
  std::function<void(const Row&)> damaged_row;
  // An entry of an index: the columns that it orders, and the id of the row as the last.
  std::function<void(const Row&)> entry;
};

// Calls `visitor` with every record, in the order of the pages. Records with nulls elsewhere or real numbers,
// which no catalogue has, count as damaged.
void visit_pages(std::span<const std::byte> file, const PageVisitor& visitor,
                 std::size_t most_tries = kMostTries);

}  // namespace tandem::gallery
