// Reads the fields of a protocol buffer message from its wire format, with every length checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tandem::text {

class ProtobufReader {
 public:
  // `source` stands for the file in messages. Both views must outlive the reader.
  ProtobufReader(std::string_view bytes, std::string_view source) : bytes_(bytes), source_(source) {}

  struct Field {
    std::uint64_t number = 0;
    std::uint64_t integer = 0;  // value of a varint, 32-bit or 64-bit field
    std::string_view bytes;     // value of a string, bytes or message field
    bool is_bytes = false;      // which of the two it is
    float as_float() const;     // value of a float field
  };
  // The next field; false at the end of the message. Throws BadFormat for a message that is cut short or
  // is none.
  bool next(Field& field);

 private:
  std::uint64_t read_varint();
  std::uint64_t read_fixed(std::size_t size);
  [[noreturn]] void damaged() const;

  std::string_view bytes_;
  std::string_view source_;
  std::size_t position_ = 0;
};

}  // namespace tandem::text
