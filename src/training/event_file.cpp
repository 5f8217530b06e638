#include "training/event_file.h"

#include <fmt/format.h>

#include <bit>
#include <concepts>
#include <span>
#include <string>

#include "core/crc32c.h"
#include "core/utf8.h"

namespace tandem::training {
namespace {

// The wire types of protocol buffers, and the field numbers of tensorflow/core/util/event.proto and
// tensorflow/core/framework/summary.proto.
enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
constexpr std::uint32_t kEventWallTime = 1;
constexpr std::uint32_t kEventStep = 2;
constexpr std::uint32_t kEventFileVersion = 3;
constexpr std::uint32_t kEventSummary = 5;
constexpr std::uint32_t kEventSessionLog = 7;
constexpr std::uint32_t kSessionLogStatus = 1;
constexpr std::uint64_t kSessionStart = 1;
constexpr std::uint32_t kSummaryValue = 1;
constexpr std::uint32_t kValueTag = 1;
constexpr std::uint32_t kValueNumber = 2;

class Message {
 public:
  void number(std::uint32_t field, std::uint64_t value) {
    key(field, WireType::kVarint);
    varint(value);
  }
  void real(std::uint32_t field, double value) {
    key(field, WireType::kFixed64);
    little_endian(std::bit_cast<std::uint64_t>(value));
  }
  void real(std::uint32_t field, float value) {
    key(field, WireType::kFixed32);
    little_endian(std::bit_cast<std::uint32_t>(value));
  }
  void bytes(std::uint32_t field, std::string_view value) {
    key(field, WireType::kBytes);
    varint(value.size());
    bytes_ += value;
  }
  template <std::unsigned_integral Number>
  void little_endian(Number value) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) bytes_ += static_cast<char>(value >> (8 * i));
  }
  void raw(std::string_view value) { bytes_ += value; }
  const std::string& str() const { return bytes_; }

 private:
  void key(std::uint32_t field, WireType type) { varint(field << 3 | static_cast<std::uint32_t>(type)); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

Message event_at(double wall_time, std::int64_t step) {
  Message event;
  event.real(kEventWallTime, wall_time);
  if (step != 0) event.number(kEventStep, static_cast<std::uint64_t>(step));
  return event;
}

// TFRecord does not store a checksum as it is, so that one of data that hold checksums finds errors as well.
std::uint32_t masked_crc(std::string_view bytes) {
  const std::uint32_t crc = crc32c(std::as_bytes(std::span(bytes)));
  return std::rotr(crc, 15) + 0xa282ead8;
}

// Of a run that begins in the second of another one in the same folder the name has a number.
std::filesystem::path unused_path(const FileSystem& files, const std::filesystem::path& folder,
                                  double wall_time) {
  const auto name = fmt::format("events.out.tfevents.{:010}.tandem", static_cast<std::int64_t>(wall_time));
  std::filesystem::path path = folder / name;
  for (int i = 1; files.status(path).kind != FileKind::kMissing; ++i) {
    path = folder / fmt::format("{}.{}", name, i);
  }
  return path;
}

}  // namespace

EventFile::EventFile(FileSystem& files, const std::filesystem::path& folder, double wall_time,
                     std::int64_t steps_done) {
  files.create_folder(folder);
  path_ = unused_path(files, folder, wall_time);
  file_ = files.open_append(path_);
  Message version = event_at(wall_time, 0);
  version.bytes(kEventFileVersion, "brain.Event:2");
  write(version.str());
  if (steps_done == 0) return;
  Message session;
  session.number(kSessionLogStatus, kSessionStart);
  Message start = event_at(wall_time, steps_done + 1);
  start.bytes(kEventSessionLog, session.str());
  write(start.str());
}

void EventFile::scalar(std::string_view tag, std::int64_t step, float value, double wall_time) {
  require_utf8(tag, "tag");
  Message point;
  point.bytes(kValueTag, tag);
  point.real(kValueNumber, value);
  Message summary;
  summary.bytes(kSummaryValue, point.str());
  Message event = event_at(wall_time, step);
  event.bytes(kEventSummary, summary.str());
  write(event.str());
}

// A TFRecord: length, its checksum, the message, its checksum.
void EventFile::write(std::string_view event) {
  Message length;
  length.little_endian(std::uint64_t{event.size()});
  Message record;
  record.raw(length.str());
  record.little_endian(masked_crc(length.str()));
  record.raw(event);
  record.little_endian(masked_crc(event));
  file_->append(std::as_bytes(std::span(record.str())));
}

}  // namespace tandem::training
