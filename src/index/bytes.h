// Writing and reading the fixed little-endian layouts of the files of an index or a gallery.
//
// Values only; a reader must not outlive the bytes it looks at.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tandem::index {

static_assert(std::endian::native == std::endian::little, "the files are little-endian, as memory must be");

class ByteWriter {
 public:
  // Takes the memory for so many bytes at once.
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  template <typename T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    put_bytes(std::as_bytes(std::span(&value, 1)));
  }
  void put_bytes(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void put_text(std::string_view text) { put_bytes(std::as_bytes(std::span(text))); }
  // Appends the checksum of everything so far.
  void put_checksum();

  std::span<const std::byte> bytes() const { return bytes_; }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

class ByteReader {
 public:
  // `name` stands for the file in messages.
  ByteReader(std::span<const std::byte> bytes, std::string name) : left_(bytes), name_(std::move(name)) {}

  // Each throws BadFormat where fewer bytes are left than it takes.
  template <typename T>
  T get() {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, get_bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::span<const std::byte> get_bytes(std::uint64_t size);
  std::string_view get_text(std::uint64_t size);

  std::span<const std::byte> left() const { return left_; }
  const std::string& name() const { return name_; }

 private:
  std::span<const std::byte> left_;
  std::string name_;
};

// Takes `magic` and a version (uint32) from `reader`, and returns the version. Throws BadFormat for another
// magic or version 0, VersionTooNew for a version above `newest`; `kind` says what the file should be ("an
// index file").
std::uint32_t require_magic(ByteReader& reader, std::string_view magic, std::uint32_t newest,
                            std::string_view kind);

// Checks that `bytes` end in the checksum of what stands before it, and returns what stands before it.
// Throws BadFormat.
std::span<const std::byte> require_checksum(std::span<const std::byte> bytes, std::string_view name);

}  // namespace tandem::index
