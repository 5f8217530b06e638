#include "gallery/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <span>

#include "core/fail.h"
#include "core/hash.h"
#include "gallery/paths.h"

namespace tandem::gallery {
namespace {

// A commit holds readers up for the time of a few fsyncs, and readers a commit for the time that reading
// the catalogue takes. Whoever waits longer than this waits for something that hangs.
constexpr int kBusyMilliseconds = 120'000;

ErrorCode code_of(int result) {
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:     // a table or a column is missing
    case SQLITE_MISMATCH:  // a value of another type
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
      return ErrorCode::kBadFormat;
    default:
      return ErrorCode::kBackend;
  }
}

// Whether SQLite could not do what reading takes, because it may not write: the file, the journal beside it,
// or their locks, which some media do not have.
bool is_not_writable(int result, int system_error) {
  switch (result & 0xff) {
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return true;
    case SQLITE_IOERR:
      return system_error == EROFS || system_error == EACCES ||
             ((result == SQLITE_IOERR_LOCK || result == SQLITE_IOERR_RDLOCK) &&
              (system_error == ENOSYS || system_error == EOPNOTSUPP));
    default:
      return false;
  }
}

const char* mend_for(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return "; free some space and try again";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; it is damaged, restore it from a copy";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return "; check the permissions of the folder and its files";
    case SQLITE_BUSY:
      return "; another process has been reading or writing it for minutes, end that one";
    default:
      return "";
  }
}

std::string location_of(const std::filesystem::path& path, Database::Mode mode) {
  const char* suffix = mode == Database::Mode::kReadImmutable ? "?immutable=1" : "";
  return "file:" + percent_encoded(path.string()) + suffix;
}

int flags_of(Database::Mode mode) {
  // A reader may have to roll back what a crash left. Where the file cannot be written, SQLite itself
  // falls back to reading.
  const int access = mode == Database::Mode::kReadImmutable ? SQLITE_OPEN_READONLY
                     : mode == Database::Mode::kCreate      ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                            : SQLITE_OPEN_READWRITE;
  return access | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
}

// SQLite lets a connection share the read lock of another one in its process without asking whether a
// writer in another process is waiting. Readers that overlap would keep that one out for ever; taking turns,
// they leave it a gap.
std::unique_lock<std::mutex> turn_of(const std::filesystem::path& path, Database::Mode mode) {
  if (mode != Database::Mode::kRead) return {};
  static std::mutex mutex;
  static std::map<std::filesystem::path, std::mutex> turns;
  std::unique_lock lock(mutex);
  std::mutex& turn = turns[path];
  lock.unlock();
  return std::unique_lock(turn);
}

}  // namespace

Database::Database(const std::filesystem::path& path, Mode mode, const char* vfs)
    : path_(path), turn_(turn_of(path, mode)) {
  const int result = sqlite3_open_v2(location_of(path, mode).c_str(), &handle_, flags_of(mode), vfs);
  try {
    if (handle_ == nullptr) fail(ErrorCode::kBackend, "{}: out of memory", path.string());
    if (result != SQLITE_OK) fail_with(result);
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, kBusyMilliseconds);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    execute("PRAGMA cell_size_check = ON");
    if (mode == Mode::kRead || mode == Mode::kReadImmutable) {
      execute("PRAGMA query_only = ON");
    } else {
      // EXTRA also syncs the folder when the journal goes, which is the moment of the commit. Without
      // spilling, a long transaction does not lock readers out before its commit. What is deleted becomes
      // zeros, so that what is salvaged from damaged pages is not what was removed.
      execute(
          "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA cache_spill = OFF; "
          "PRAGMA secure_delete = ON");
    }
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() { sqlite3_close(handle_); }

void Database::fail_with(int result) const {
  // Constraints, types and limits are checked before anything is bound, so those speak of the file.
  const std::string message =
      fmt::format("{}: SQLite says: {}{}", path_.string(), sqlite3_errmsg(handle_), mend_for(result));
  if (is_not_writable(result, sqlite3_system_errno(handle_))) throw NotWritable(message);
  throw Error(code_of(result), message);
}

void Database::execute(const std::string& sql) {
  const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail_with(result);
}

std::int64_t Database::integer(const std::string& sql) {
  Statement statement(*this, sql);
  if (!statement.step()) return 0;
  const Row row = statement.row();
  const auto* value = std::get_if<std::int64_t>(&row.at(0));
  return value == nullptr ? 0 : *value;
}

void Database::each_chunk(const std::function<void(std::span<const std::byte>)>& visit) {
  sqlite3_file* file = nullptr;
  sqlite3_int64 bytes = 0;
  int result = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  if (result == SQLITE_OK) result = file->pMethods->xFileSize(file, &bytes);
  std::vector<std::byte> chunk(1 << 20);
  for (sqlite3_int64 at = 0; result == SQLITE_OK && at < bytes;) {
    const auto size = static_cast<int>(std::min<sqlite3_int64>(bytes - at, 1 << 20));
    result = file->pMethods->xRead(file, chunk.data(), size, at);
    visit(std::span(chunk).first(static_cast<std::size_t>(size)));
    at += size;
  }
  if (result != SQLITE_OK) {
    fail(ErrorCode::kBackend, "{}: cannot be read: {}", path_.string(), sqlite3_errstr(result));
  }
}

std::string Database::file_fingerprint() {
  Fingerprint fingerprint;
  each_chunk([&](std::span<const std::byte> chunk) { fingerprint.update(chunk); });
  return fingerprint.hex();
}

std::vector<std::byte> Database::file_bytes() {
  std::vector<std::byte> bytes;
  each_chunk(
      [&](std::span<const std::byte> chunk) { bytes.insert(bytes.end(), chunk.begin(), chunk.end()); });
  return bytes;
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

void Database::roll_back() noexcept {
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Statement::Statement(Database& database, const std::string& sql) : database_(database) {
  const int result =
      sqlite3_prepare_v2(database.handle_, sql.data(), static_cast<int>(sql.size()), &handle_, nullptr);
  if (result != SQLITE_OK) database.fail_with(result);
}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(const Row& parameters) {
  sqlite3_reset(handle_);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const int at = static_cast<int>(i) + 1;
    int result = SQLITE_OK;
    if (const auto* integer = std::get_if<std::int64_t>(&parameters[i])) {
      result = sqlite3_bind_int64(handle_, at, *integer);
    } else if (const auto* text = std::get_if<std::string>(&parameters[i])) {
      result = sqlite3_bind_text64(handle_, at, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } else {
      const auto& bytes = std::get<Blob>(parameters[i]).bytes;
      result = sqlite3_bind_blob64(handle_, at, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    }
    if (result != SQLITE_OK) database_.fail_with(result);
  }
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    sqlite3_reset(handle_);
    return false;
  }
  // After the message is taken.
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_reset)> reset(handle_, &sqlite3_reset);
  database_.fail_with(result);
}

Row Statement::row() const {
  const int columns = sqlite3_column_count(handle_);
  Row row;
  row.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) {
    const int type = sqlite3_column_type(handle_, i);
    if (type == SQLITE_INTEGER) {
      row.emplace_back(std::int64_t{sqlite3_column_int64(handle_, i)});
      continue;
    }
    if (type != SQLITE_TEXT && type != SQLITE_BLOB) {
      fail(ErrorCode::kBadFormat, "{}: a value is neither integer, text nor bytes; it is damaged",
           database_.path_.string());
    }
    const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_, i));
    std::string bytes(data == nullptr ? "" : data,
                      static_cast<std::size_t>(sqlite3_column_bytes(handle_, i)));
    if (type == SQLITE_TEXT) {
      row.emplace_back(std::move(bytes));
    } else {
      row.emplace_back(Blob{std::move(bytes)});
    }
  }
  return row;
}

void Statement::run(const Row& parameters) {
  bind(parameters);
  while (step()) {
  }
}

}  // namespace tandem::gallery
