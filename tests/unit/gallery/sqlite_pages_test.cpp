#include "gallery/sqlite_pages.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>

#include "core/file_system.h"
#include "support/temporary_folder.h"

namespace tandem::gallery {
namespace {

using Bytes = std::vector<std::byte>;

// Row `n` of a table, of any length: one has bytes on pages of their own.
std::string text_of(std::int64_t n) {
  return std::string(static_cast<std::size_t>(n * n * n % 9001), 'a' + n % 26);
}

// Tables with `rows` rows whose pages have `page_bytes`.
Bytes made_database(std::int64_t rows, int page_bytes) {
  const TemporaryFolder folder;
  Database database(folder.path() / "db", Database::Mode::kCreate);
  database.execute("PRAGMA page_size = " + std::to_string(page_bytes));
  database.execute("CREATE TABLE a(id INTEGER PRIMARY KEY, number INTEGER, text TEXT, UNIQUE(number, text))");
  database.execute("BEGIN");
  Statement statement(database, "INSERT INTO a VALUES(?, ?, ?)");
  for (std::int64_t n = 0; n < rows; ++n) statement.run({n + 1, n * n * n * n - 1000, text_of(n)});
  database.execute("COMMIT");
  return database.file_bytes();
}

bool is_right(const Row& row) {
  if (row.size() != 3) return row.size() == 5;  // of SQLite's own table
  const auto* id = std::get_if<std::int64_t>(&row[0]);
  const auto* number = std::get_if<std::int64_t>(&row[1]);
  const auto* text = std::get_if<std::string>(&row[2]);
  if (id == nullptr || number == nullptr || text == nullptr || *id < 1 || *id > 5000) return false;
  const std::int64_t n = *id - 1;
  return *number == n * n * n * n - 1000 && *text == text_of(n);
}

struct Seen {
  std::set<std::int64_t> rows;
  std::size_t damaged = 0;
  std::size_t entries = 0;
};

Seen visit(const Bytes& file) {
  Seen seen;
  visit_pages(file, {.row =
                         [&](const Row& row) {
                           if (!is_right(row)) return false;
                           if (row.size() == 3) seen.rows.insert(std::get<std::int64_t>(row[0]));
                           return true;
                         },
                     .damaged_row = [&](const Row&) { ++seen.damaged; },
                     .entry =
                         [&](const Row& entry) {
                           EXPECT_EQ(std::get<std::string>(entry.at(1)),
                                     text_of(std::get<std::int64_t>(entry.at(2)) - 1));
                           ++seen.entries;
                         }});
  return seen;
}

TEST(SqlitePages, EveryRowAndEveryEntryIsSeenWhateverTheSizeOfPages) {
  for (const int page_bytes : {512, 4096, 65'536}) {
    for (const std::int64_t rows : {0, 1, 2, 17, 33, 500}) {
      const Seen seen = visit(made_database(rows, page_bytes));
      EXPECT_EQ(seen.rows.size(), static_cast<std::size_t>(rows)) << page_bytes;
      EXPECT_EQ(seen.entries, static_cast<std::size_t>(rows)) << page_bytes;
      EXPECT_EQ(seen.damaged, 0u);
    }
  }
}

TEST(SqlitePages, WithoutItsFirstPageTheRowsOfTheOthersAreSeen) {
  Bytes file = made_database(100, 4096);
  std::fill_n(file.begin(), 4096, std::byte{0});
  EXPECT_EQ(visit(file).rows.size(), 100u);
}

TEST(SqlitePages, AByteThatIsWrongInARowIsFoundOut) {
  const Bytes whole = made_database(17, 4096);
  const std::string_view text(reinterpret_cast<const char*>(whole.data()), whole.size());
  const std::size_t at = text.find(text_of(4));
  for (const std::size_t back : {0, 1, 2, 3, 4, 5, 6, 7}) {  // its text, its number, its header
    Bytes file = whole;
    file[at - back] ^= std::byte{0x2a};
    EXPECT_EQ(visit(file).rows.size(), 17u) << back;
  }
}

TEST(SqlitePages, AnyBytesMayBeGiven) {
  std::mt19937 random(7);
  const Bytes whole = made_database(33, 512);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{99}, std::size_t{100}, std::size_t{513}, whole.size()}) {
    Bytes file(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    for (std::size_t n = 0; n < size / 50; ++n) file[random() % size] = static_cast<std::byte>(random());
    std::set<std::int64_t> rows;
    visit_pages(file, {.row =
                           [&](const Row& row) {
                             if (!is_right(row)) return false;
                             if (row.size() == 3) rows.insert(std::get<std::int64_t>(row[0]));
                             return true;
                           },
                       .damaged_row = [](const Row&) {},
                       .entry = [](const Row&) {}});
    EXPECT_LE(rows.size(), 33u) << "no row is made up";
    EXPECT_EQ(rows.empty(), size <= 513) << size;
  }
}

}  // namespace
}  // namespace tandem::gallery
