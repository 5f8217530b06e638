// The bytes of a pickle, taken from the front; every taking is checked against the end.
//
// For one thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/fail.h"

namespace tandem::checkpoint {

class PickleStream {
 public:
  // `place` names the file in messages; `at` is where the pickle begins in `bytes`.
  PickleStream(std::span<const std::byte> bytes, std::size_t at, const std::string& place)
      : bytes_(bytes), position_(at), place_(place) {}

  std::size_t position() const { return position_; }

  // Little-endian.
  template <typename Number>
  Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size() - position_) {
      reject("{} bytes are wanted, {} are left; is the file whole?", size, bytes_.size() - position_);
    }
    const std::string_view taken(reinterpret_cast<const char*>(bytes_.data()) + position_, size);
    position_ += size;
    return taken;
  }

  // Up to the next line feed, which is taken too.
  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_,
                                bytes_.size() - position_);
    const std::size_t end = rest.find('\n');
    if (end == rest.npos) reject("a line has no end; is the file whole?");
    position_ += end + 1;
    return rest.substr(0, end);
  }

  // Throws BadFormat: "file: pickle, byte 17: ...".
  template <typename... Args>
  [[noreturn]] void reject(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorCode::kBadFormat, "{}: pickle, byte {}: {}", place_, position_,
         fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorCode::kUnsupported, "{}: pickle, byte {}: {}", place_, position_,
         fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_;
  const std::string& place_;
};

}  // namespace tandem::checkpoint
