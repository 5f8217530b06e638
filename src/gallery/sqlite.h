// SQLite, wrapped: connections and statements that clean up after themselves and throw Error.
//
// A Database and its statements are for one thread at a time; a Statement must not outlive its Database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tandem/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tandem::gallery {

struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

// An integer, a text (UTF-8) or bytes. NULL and real numbers do not occur in a catalogue.
using Value = std::variant<std::int64_t, std::string, Blob>;
using Row = std::vector<Value>;

// Backend: SQLite may not write or lock the file, or create one beside it, as on a read-only medium.
class NotWritable : public Error {
 public:
  explicit NotWritable(const std::string& message) : Error(ErrorCode::kBackend, message) {}
};

class Database {
 public:
  enum class Mode {
    // Waits for a commit to end, rolls back one that a crash interrupted. In one process there is one such
    // connection to a file at a time: the next one waits for it to go.
    kRead,
    kReadImmutable,  // touches nothing but the file itself: for a medium that cannot be written
    kWrite,
    kCreate,
  };
  // `vfs` as FileSystem::sqlite_vfs() says. Throws NotFound, BadFormat (not a database, damaged), Backend
  // (NotWritable among them).
  Database(const std::filesystem::path& path, Mode mode, const char* vfs = nullptr);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Runs statements that have no result.
  void execute(const std::string& sql);
  // The first column of the first row; 0 where there is none.
  std::int64_t integer(const std::string& sql);
  // The bytes of the file, whatever they are: by SQLite's own handle, as to open and close the file beside it
  // would drop the locks of this process.
  std::vector<std::byte> file_bytes();
  // Of the bytes of the file, 32 hex digits. Within a transaction it is of that transaction's moment.
  std::string file_fingerprint();
  bool in_transaction() const;
  // Ends a transaction without an error of its own.
  void roll_back() noexcept;

 private:
  friend class Statement;
  void each_chunk(const std::function<void(std::span<const std::byte>)>& visit);
  [[noreturn]] void fail_with(int result) const;

  std::filesystem::path path_;
  std::unique_lock<std::mutex> turn_;  // held for reading
  sqlite3* handle_ = nullptr;
};

class Statement {
 public:
  Statement(Database& database, const std::string& sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Begins anew with these parameters.
  Statement& bind(const Row& parameters);
  // Goes to the next row of the result; false at its end, where the statement is ready to begin anew.
  bool step();
  // The current row. Throws BadFormat for NULL and real numbers.
  Row row() const;
  // bind(), and step() to the end.
  void run(const Row& parameters);

 private:
  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

// BEGIN ... COMMIT for reading: what is read within is of one moment.
class ReadTransaction {
 public:
  explicit ReadTransaction(Database& database) : database_(database) { database_.execute("BEGIN"); }
  ~ReadTransaction() { database_.roll_back(); }
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  Database& database_;
};

}  // namespace tandem::gallery
