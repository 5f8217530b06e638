#include "text/protobuf_reader.h"

#include <bit>

#include "core/fail.h"

namespace tandem::text {

float ProtobufReader::Field::as_float() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(integer));
}

bool ProtobufReader::next(Field& field) {
  if (position_ == bytes_.size()) return false;
  const std::uint64_t key = read_varint();
  field = {.number = key >> 3, .integer = 0, .bytes = {}, .is_bytes = (key & 7) == 2};
  switch (key & 7) {
    case 0:
      field.integer = read_varint();
      return true;
    case 1:
      field.integer = read_fixed(8);
      return true;
    case 2: {
      const std::uint64_t size = read_varint();
      if (size > bytes_.size() - position_) damaged();
      field.bytes = bytes_.substr(position_, size);
      position_ += size;
      return true;
    }
    case 5:
      field.integer = read_fixed(4);
      return true;
    default:
      damaged();
  }
}

std::uint64_t ProtobufReader::read_varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && position_ < bytes_.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes_[position_++]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  damaged();
}

std::uint64_t ProtobufReader::read_fixed(std::size_t size) {
  if (size > bytes_.size() - position_) damaged();
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[position_++])) << (8 * i);
  }
  return value;
}

void ProtobufReader::damaged() const {
  fail(ErrorCode::kBadFormat, "{}: not a SentencePiece model, or damaged near byte {} of {}", source_,
       position_, bytes_.size());
}

}  // namespace tandem::text
