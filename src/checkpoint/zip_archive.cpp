#include "checkpoint/zip_archive.h"

#include <zip.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "checkpoint/json.h"
#include "core/fail.h"
#include "core/utf8.h"

namespace tandem::checkpoint {
namespace {

// Deflate makes at most 1032 bytes of one.
constexpr std::uint64_t kMostUnpacked = 1032;
constexpr std::size_t kChunk = 1 << 20;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

// The mapped file as libzip reads it. Knows where the last reading began: libzip itself does not tell where
// in the file an entry lies.
struct Source {
  std::span<const std::byte> bytes;
  std::uint64_t position = 0;
  std::uint64_t last_read = 0;
  zip_error_t error = {};

  zip_int64_t read(void* out, std::uint64_t size) {
    last_read = position;
    size = std::min<std::uint64_t>(size, bytes.size() - position);
    if (size > 0) std::memcpy(out, bytes.data() + position, size);
    position += size;
    return static_cast<zip_int64_t>(size);
  }

  zip_int64_t seek(void* data, std::uint64_t size) {
    const zip_int64_t wanted = zip_source_seek_compute_offset(position, bytes.size(), data, size, &error);
    if (wanted < 0) return -1;
    position = static_cast<std::uint64_t>(wanted);
    return 0;
  }

  static zip_int64_t call(void* self, void* data, zip_uint64_t size, zip_source_cmd_t command) {
    auto& source = *static_cast<Source*>(self);
    switch (command) {
      case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, -1);
      case ZIP_SOURCE_OPEN:
        source.position = 0;
        return 0;
      case ZIP_SOURCE_READ:
        return source.read(data, size);
      case ZIP_SOURCE_SEEK:
        return source.seek(data, size);
      case ZIP_SOURCE_TELL:
        return static_cast<zip_int64_t>(source.position);
      case ZIP_SOURCE_STAT: {
        auto* stat = static_cast<zip_stat_t*>(data);
        zip_stat_init(stat);
        stat->size = source.bytes.size();
        stat->valid |= ZIP_STAT_SIZE;
        return sizeof(zip_stat_t);
      }
      case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&source.error, data, size);
      case ZIP_SOURCE_CLOSE:
      case ZIP_SOURCE_FREE:
        return 0;
      default:
        zip_error_set(&source.error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
  }
};

}  // namespace

bool is_zip(std::span<const std::byte> bytes) {
  return bytes.size() >= 4 && std::memcmp(bytes.data(), "PK\3\4", 4) == 0;
}

struct ZipArchive::State {
  std::shared_ptr<const MappedFile> file;
  std::string place;
  Source source;
  std::unique_ptr<zip_t, CloseArchive> archive;
  std::vector<std::string> names;
  std::unordered_map<std::string_view, zip_uint64_t> index;  // of the entry of each name; the first counts
  std::mutex one_at_a_time;                                  // an archive of libzip is for one thread

  void open() {
    source.bytes = file->bytes();
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* made = zip_source_function_create(&Source::call, &source, &error);
    if (made != nullptr) archive.reset(zip_open_from_source(made, ZIP_RDONLY, &error));
    const std::string reason = archive ? "" : zip_error_strerror(&error);
    if (!archive && made != nullptr) zip_source_free(made);
    zip_error_fini(&error);
    if (!archive) {
      fail(ErrorCode::kBadFormat, "{}: not a readable zip file ({}); is the file whole?", place, reason);
    }
    const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      const char* name = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
      names.emplace_back(name == nullptr ? "" : name);
    }
    for (std::size_t i = 0; i < names.size(); ++i) index.emplace(names[i], i);
  }

  zip_stat_t status(const std::string& name) const {
    zip_stat_t status;
    zip_stat_init(&status);
    const auto found = index.find(name);
    if (found == index.end() || zip_stat_index(archive.get(), found->second, 0, &status) != 0) {
      fail(ErrorCode::kNotFound, "{}: has no entry {}", place, shown(printable_utf8(name)));
    }
    return status;
  }

  Entry open_entry(const zip_stat_t& status, const std::string& name, zip_flags_t flags) const {
    Entry entry(zip_fopen_index(archive.get(), status.index, flags));
    if (!entry) damaged(name, zip_strerror(archive.get()));
    return entry;
  }

  StoredBytes view(const zip_stat_t& status, const std::string& name) {
    if (status.comp_size != status.size) damaged(name, "two sizes for what is stored as it is");
    const Entry entry = open_entry(status, name, ZIP_FL_COMPRESSED);
    char first = 0;
    if (zip_fread(entry.get(), &first, 1) != 1) damaged(name, "it cannot be read");
    const std::uint64_t begin = source.last_read;
    if (status.size > source.bytes.size() - begin) damaged(name, "it ends behind the file");
    return {source.bytes.subspan(begin, status.size), file};
  }

  std::vector<std::byte> unpack(const zip_stat_t& status, const std::string& name) const {
    if (status.size / kMostUnpacked > status.comp_size) damaged(name, "it cannot be that long unpacked");
    const Entry entry = open_entry(status, name, 0);
    std::vector<std::byte> bytes;
    while (bytes.size() < status.size) {  // room for what is there, not for what is promised
      const std::size_t done = bytes.size();
      bytes.resize(done + std::min<std::uint64_t>(kChunk, status.size - done));
      const zip_int64_t got = zip_fread(entry.get(), bytes.data() + done, bytes.size() - done);
      if (got <= 0) damaged(name, got == 0 ? "it ends early" : zip_file_strerror(entry.get()));
      bytes.resize(done + static_cast<std::size_t>(got));
    }
    // The checksum is compared at the end of the entry.
    char more = 0;
    const zip_int64_t rest = zip_fread(entry.get(), &more, 1);
    if (rest != 0) damaged(name, rest > 0 ? "it is longer than it says" : zip_file_strerror(entry.get()));
    return bytes;
  }

  [[noreturn]] void damaged(const std::string& name, const std::string& reason) const {
    fail(ErrorCode::kBadFormat, "{}: {}: damaged entry ({}); is the file whole?", place,
         shown(printable_utf8(name)), reason);
  }
};

ZipArchive::ZipArchive(std::shared_ptr<const MappedFile> file, std::string place)
    : state_(std::make_unique<State>()) {
  state_->file = std::move(file);
  state_->place = std::move(place);
  state_->open();
}

ZipArchive::~ZipArchive() = default;

const std::vector<std::string>& ZipArchive::names() const { return state_->names; }

bool ZipArchive::contains(const std::string& name) const { return state_->index.contains(name); }

StoredBytes ZipArchive::read(const std::string& name, std::uint64_t max_bytes) const {
  const std::lock_guard lock(state_->one_at_a_time);
  const zip_stat_t status = state_->status(name);
  if (status.encryption_method != ZIP_EM_NONE) {
    fail(ErrorCode::kUnsupported, "{}: {}: is encrypted; unpack it and save it without a password",
         state_->place, shown(printable_utf8(name)));
  }
  if (status.size > max_bytes) {
    fail(ErrorCode::kBadFormat, "{}: {}: has {} bytes, at most {} are accepted", state_->place,
         shown(printable_utf8(name)), status.size, max_bytes);
  }
  if (status.size == 0) return own({});
  if (status.comp_method == ZIP_CM_STORE) return state_->view(status, name);
  if (status.comp_method == ZIP_CM_DEFLATE) return own(state_->unpack(status, name));
  fail(ErrorCode::kUnsupported, "{}: {}: packed by method {}, stored or deflate is wanted", state_->place,
       shown(printable_utf8(name)), status.comp_method);
}

}  // namespace tandem::checkpoint
