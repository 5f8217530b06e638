// The entropy-coded data of a JPEG scan: finding out whether it is whole, without computing any pixel.
//
// Sequential and progressive Huffman coding after ITU-T T.81, annexes F and G.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/source.h"

namespace tandem::image {

constexpr std::size_t kBlockSamples = 64;

class HuffmanTable {
 public:
  static constexpr int kLookupBits = 9;
  static constexpr int kMaxBits = 16;

  // `counts`: codes of each length 1 to 16; `symbols`: as many as there are codes. False if no such code
  // exists.
  bool assign(Bytes counts, Bytes symbols);
  bool assigned() const { return assigned_; }

  struct Code {
    std::uint8_t symbol;
    std::uint8_t bits;  // 0: no code begins so
  };
  // The code at the front of 16 bits.
  Code find(std::uint32_t bits) const;

 private:
  bool assigned_ = false;
  std::array<Code, 1 << kLookupBits> short_codes_ = {};
  std::array<std::int32_t, kMaxBits + 1> end_ = {};     // behind the last code of each length
  std::array<std::int32_t, kMaxBits + 1> offset_ = {};  // from a code to its place in symbols_
  std::array<std::uint8_t, 256> symbols_ = {};
};

struct Component {
  std::uint8_t id = 0;
  std::size_t across = 1;  // blocks in an MCU, along the row and along the column
  std::size_t down = 1;
  std::size_t blocks_across = 0;  // that hold pixels; scans of one component have no others
  std::size_t blocks_down = 0;
  std::size_t stride = 0;  // blocks in a row of MCUs
  // Progressive only. For each block a bit for each coefficient that is not 0, in zigzag order.
  std::vector<std::uint64_t> nonzero;
  // For each coefficient the bits that are still to come; -1 before its first scan.
  std::array<int, kBlockSamples> missing_bits;
};

struct Frame {
  bool progressive = false;
  Size size;
  std::size_t mcus_across = 0;
  std::size_t mcus_down = 0;
  std::vector<Component> components;
};

struct ScanComponent {
  Component* component;
  const HuffmanTable* dc;
  const HuffmanTable* ac;
};

struct Scan {
  std::vector<ScanComponent> components;
  unsigned first = 0;  // coefficients first to last, in zigzag order
  unsigned last = 63;
  unsigned high = 0;  // successive approximation: the bit position before this scan (0: none) ...
  unsigned low = 0;   // ... and after it
  std::size_t restart_interval = 0;  // in MCUs; 0: none
};

// Walks through the data of one scan, which begins at `at`; returns where it ends. Refuses the picture
// where the data ends too early or is not a sequence of codes.
std::size_t walk_scan(const Source& source, std::size_t at, Frame& frame, const Scan& scan);

}  // namespace tandem::image
