#include "image/jpeg_scan.h"

#include <algorithm>
#include <bit>

namespace tandem::image {
namespace {

// The bits between two markers, without the zero bytes that are stuffed behind 0xff.
class BitReader {
 public:
  BitReader(const Source& source, std::size_t at) : source_(source), at_(at) {}

  unsigned symbol(const HuffmanTable& table) {
    fill();
    const auto front = static_cast<std::uint32_t>(bits_ >> (64 - HuffmanTable::kMaxBits));
    const HuffmanTable::Code code = table.find(front);
    if (code.bits == 0) fail_code();
    skip(code.bits);
    return code.symbol;
  }

  // At most 16 bits.
  unsigned take(unsigned count) {
    if (count == 0) return 0;
    fill();
    const auto value = static_cast<unsigned>(bits_ >> (64 - count));
    skip(count);
    return value;
  }

  // At most 16 bits: after a code, the buffer still holds as many.
  void skip(unsigned count) {
    if (count > count_) refuse(source_, "JPEG is truncated: its data ends before its last row");
    bits_ <<= count;
    count_ -= count;
  }

  // Any number of bits.
  void skip_many(unsigned count) {
    for (; count > 16; count -= 16) take(16);
    take(count);
  }

  // Goes on behind restart marker `number`, 0 to 7.
  void restart(unsigned number) {
    const Bytes bytes = source_.bytes;
    const bool left_over = count_ >= 8;  // more than the padding of the last byte
    bits_ = 0;
    count_ = 0;
    while (at_ + 1 < bytes.size() && bytes[at_] == 0xff && bytes[at_ + 1] == 0xff) ++at_;  // fill bytes
    if (at_ + 1 >= bytes.size()) refuse(source_, "JPEG is truncated: its data ends before its last row");
    if (left_over || bytes[at_] != 0xff || bytes[at_ + 1] != 0xd0 + number) {
      refuse(source_, "JPEG is corrupt: restart marker {} is not where it should be", number);
    }
    at_ += 2;
  }

  // Where the first byte lies of which no bit was taken.
  std::size_t position() const {
    std::size_t at = at_;
    for (unsigned unread = count_ / 8; unread > 0; --unread) {
      const bool stuffed = source_.bytes[at - 1] == 0 && source_.bytes[at - 2] == 0xff;
      at -= stuffed ? 2 : 1;
    }
    return at;
  }

  [[noreturn]] void fail_code() const {
    if (count_ < HuffmanTable::kMaxBits)
      refuse(source_, "JPEG is truncated: its data ends before its last row");
    refuse(source_, "JPEG is corrupt: its data is not a sequence of its Huffman codes");
  }

 private:
  void fill() {
    if (count_ > 32) return;
    const Bytes bytes = source_.bytes;
    if (bytes.size() - at_ >= 4) {
      const std::uint32_t four = big_endian32(bytes, at_);
      // Without 0xff among them, all four are data.
      const std::uint32_t inverse = ~four;
      if (((inverse - 0x01010101u) & ~inverse & 0x80808080u) == 0) {
        bits_ |= std::uint64_t{four} << (32 - count_);
        count_ += 32;
        at_ += 4;
        return;
      }
    }
    while (count_ <= 56 && at_ < bytes.size()) {
      const std::uint64_t byte = bytes[at_];
      if (byte == 0xff) {
        if (at_ + 1 >= bytes.size() || bytes[at_ + 1] != 0) return;  // a marker ends the data
        ++at_;
      }
      ++at_;
      bits_ |= byte << (56 - count_);
      count_ += 8;
    }
  }

  const Source& source_;
  std::size_t at_;
  std::uint64_t bits_ = 0;  // the next bit is the highest
  unsigned count_ = 0;
};

// One pass over the blocks of a scan.
class ScanWalker {
 public:
  ScanWalker(const Source& source, std::size_t at, const Frame& frame, const Scan& scan)
      : source_(source), frame_(frame), scan_(scan), reader_(source, at) {}

  std::size_t walk() {
    if (scan_.components.size() == 1) {
      const Component& only = *scan_.components[0].component;
      walk_mcus(only.blocks_across, only.blocks_down,
                [&](std::size_t x, std::size_t y) { walk_block(scan_.components[0], y * only.stride + x); });
    } else {
      walk_mcus(frame_.mcus_across, frame_.mcus_down, [&](std::size_t x, std::size_t y) { walk_mcu(x, y); });
    }
    return reader_.position();
  }

 private:
  template <typename Mcu>
  void walk_mcus(std::size_t across, std::size_t down, Mcu mcu) {
    std::size_t until_restart = scan_.restart_interval;
    unsigned restarts = 0;
    for (std::size_t y = 0; y < down; ++y) {
      for (std::size_t x = 0; x < across; ++x) {
        if (scan_.restart_interval > 0 && until_restart-- == 0) {
          reader_.restart(restarts++ % 8);
          until_restart = scan_.restart_interval - 1;
          end_of_band_run_ = 0;
        }
        mcu(x, y);
      }
    }
  }

  void walk_mcu(std::size_t x, std::size_t y) {
    for (const ScanComponent& part : scan_.components) {
      const Component& component = *part.component;
      for (std::size_t j = 0; j < component.down; ++j) {
        for (std::size_t i = 0; i < component.across; ++i) {
          walk_block(part, (y * component.down + j) * component.stride + x * component.across + i);
        }
      }
    }
  }

  void walk_block(const ScanComponent& part, std::size_t block) {
    if (!frame_.progressive) {
      walk_dc(*part.dc);
      walk_sequential_ac(*part.ac);
    } else if (scan_.first == 0 && scan_.high == 0) {
      walk_dc(*part.dc);
    } else if (scan_.first == 0) {
      reader_.take(1);
    } else if (scan_.high == 0) {
      walk_first_ac(*part.ac, part.component->nonzero[block]);
    } else {
      walk_refining_ac(*part.ac, part.component->nonzero[block]);
    }
  }

  // A code for the number of bits of the difference, then these bits.
  void walk_dc(const HuffmanTable& table) {
    const unsigned bits = reader_.symbol(table);
    if (bits > 15) reader_.fail_code();
    reader_.skip(bits);
  }

  void walk_sequential_ac(const HuffmanTable& table) {
    for (unsigned k = 1; k < kBlockSamples; ++k) {
      const unsigned symbol = reader_.symbol(table);
      const unsigned zeros = symbol >> 4;
      const unsigned bits = symbol & 15;
      if (bits == 0 && zeros != 15) return;  // end of block
      k += zeros;
      if (k >= kBlockSamples) reader_.fail_code();
      reader_.skip(bits);
    }
  }

  void walk_first_ac(const HuffmanTable& table, std::uint64_t& nonzero) {
    if (end_of_band_run_ > 0) {
      --end_of_band_run_;
      return;
    }
    for (unsigned k = scan_.first; k <= scan_.last; ++k) {
      const unsigned symbol = reader_.symbol(table);
      const unsigned zeros = symbol >> 4;
      const unsigned bits = symbol & 15;
      if (bits == 0 && zeros != 15) {
        end_of_band_run_ = (1u << zeros) - 1 + reader_.take(zeros);
        return;
      }
      k += zeros;
      if (k > scan_.last) reader_.fail_code();
      reader_.skip(bits);
      if (bits > 0) nonzero |= std::uint64_t{1} << k;
    }
  }

  // Every coefficient that is not 0 yet has a correction bit, wherever the codes pass over it.
  void walk_refining_ac(const HuffmanTable& table, std::uint64_t& nonzero) {
    unsigned k = scan_.first;
    while (end_of_band_run_ == 0 && k <= scan_.last) {
      const unsigned symbol = reader_.symbol(table);
      unsigned zeros = symbol >> 4;
      const unsigned bits = symbol & 15;
      if (bits > 1) reader_.fail_code();
      if (bits == 0 && zeros != 15) {
        end_of_band_run_ = (1u << zeros) + reader_.take(zeros);
        break;
      }
      reader_.take(bits);  // the sign
      for (; k <= scan_.last; ++k) {
        if (nonzero >> k & 1) {
          reader_.take(1);
        } else if (zeros-- == 0) {
          break;
        }
      }
      if (bits == 1) {
        if (k > scan_.last) reader_.fail_code();
        nonzero |= std::uint64_t{1} << k;
      }
      ++k;
    }
    if (end_of_band_run_ == 0) return;
    --end_of_band_run_;
    if (k > scan_.last) return;
    const std::uint64_t rest = nonzero >> k << k << (63 - scan_.last);
    reader_.skip_many(static_cast<unsigned>(std::popcount(rest)));
  }

  const Source& source_;
  const Frame& frame_;
  const Scan& scan_;
  BitReader reader_;
  unsigned end_of_band_run_ = 0;  // blocks to come of which nothing more is coded in this scan
};

}  // namespace

bool HuffmanTable::assign(Bytes counts, Bytes symbols) {
  *this = {};
  std::copy(symbols.begin(), symbols.end(), symbols_.begin());
  std::int32_t code = 0;
  std::int32_t place = 0;
  for (int length = 1; length <= kMaxBits; ++length) {
    const std::int32_t count = counts[static_cast<std::size_t>(length) - 1];
    offset_[length] = place - code;
    if (code + count > 1 << length) return false;
    for (std::int32_t i = 0; i < count && length <= kLookupBits; ++i) {
      const int spare = kLookupBits - length;
      const Code entry{symbols_[static_cast<std::size_t>(place + i)], static_cast<std::uint8_t>(length)};
      std::fill_n(short_codes_.begin() + ((code + i) << spare), 1 << spare, entry);
    }
    code += count;
    place += count;
    end_[length] = code;
    code <<= 1;
  }
  assigned_ = true;
  return true;
}

HuffmanTable::Code HuffmanTable::find(std::uint32_t bits) const {
  const Code entry = short_codes_[bits >> (kMaxBits - kLookupBits)];
  if (entry.bits > 0) return entry;
  for (int length = kLookupBits + 1; length <= kMaxBits; ++length) {
    const auto code = static_cast<std::int32_t>(bits >> (kMaxBits - length));
    if (code < end_[length]) {
      return {symbols_[static_cast<std::size_t>(code + offset_[length])], static_cast<std::uint8_t>(length)};
    }
  }
  return {0, 0};
}

std::size_t walk_scan(const Source& source, std::size_t at, Frame& frame, const Scan& scan) {
  return ScanWalker(source, at, frame, scan).walk();
}

}  // namespace tandem::image
