#include "image/jpeg.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "image/jpeg_scan.h"
#include "image/orientation.h"

namespace tandem::image {
namespace {

constexpr std::size_t kMaxScans = 100;  // each costs a walk over the whole picture; encoders write some 10
constexpr std::string_view kExif("Exif\0\0", 6);
constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);

enum Marker : std::uint8_t {
  kBaseline = 0xc0,
  kExtended = 0xc1,
  kProgressive = 0xc2,
  kHuffmanTables = 0xc4,
  kArithmeticTables = 0xcc,
  kFirstRestart = 0xd0,
  kStart = 0xd8,
  kEnd = 0xd9,
  kScan = 0xda,
  kQuantisationTables = 0xdb,
  kRestartInterval = 0xdd,
  kJfif = 0xe0,
  kExifOrXmp = 0xe1,
  kAdobe = 0xee,
  kTemporary = 0x01,
};

std::size_t divide_up(std::size_t value, std::size_t by) { return (value + by - 1) / by; }

// Reads the segments one after the other.
class Checker {
 public:
  explicit Checker(const Source& source) : source_(source) {
    append(file_.clean, source.bytes.first(2));  // the start marker
  }

  CheckedFile check() {
    while (find_marker() && read_segment()) {
    }
    require_whole();
    constexpr std::uint8_t kEndMarker[] = {0xff, kEnd};
    append(file_.clean, kEndMarker);
    file_.size = frame_.size;
    file_.orientation = orientation_.orientation();
    return std::move(file_);
  }

 private:
  // Goes to the byte behind the 0xff of the next marker; false if there is none.
  bool find_marker() {
    const Bytes bytes = source_.bytes;
    while (at_ < bytes.size() && bytes[at_] != 0xff) ++at_;
    while (at_ < bytes.size() && bytes[at_] == 0xff) ++at_;
    return at_ < bytes.size();
  }

  // Reads the segment whose marker lies at at_; false if nothing follows.
  bool read_segment() {
    const std::uint8_t marker = source_.bytes[at_++];
    ended_ = marker == kEnd;
    if (ended_) return false;
    if (marker == kStart) refuse(source_, "JPEG is corrupt: a second picture begins inside the first");
    const bool bare = marker == 0 || marker == kTemporary || (marker >= kFirstRestart && marker < kStart);
    if (bare) return true;
    const Bytes rest = source_.bytes.subspan(at_);
    if (rest.size() < 2) return false;
    const std::size_t length = big_endian16(rest, 0);
    if (length < 2) refuse(source_, "JPEG is corrupt: a segment has {} bytes", length);
    if (length > rest.size()) return false;
    const Bytes whole = source_.bytes.subspan(at_ - 2, length + 2);
    at_ += length;
    read_segment(marker, whole.subspan(4), whole);
    return true;
  }

  void read_segment(std::uint8_t marker, Bytes data, Bytes whole) {
    switch (marker) {
      case kQuantisationTables:
        return append(file_.clean, whole);
      case kHuffmanTables:
        append(file_.clean, whole);
        return read_huffman_tables(data);
      case kRestartInterval:
        if (data.size() != 2)
          refuse(source_, "JPEG is corrupt: its restart interval has {} bytes", data.size());
        append(file_.clean, whole);
        restart_interval_ = big_endian16(data, 0);
        return;
      case kScan:
        return read_scan(data);
      case kJfif:
        return read_jfif(data);
      case kExifOrXmp:
        if (starts_with(data, kExif)) orientation_.exif(data);
        if (starts_with(data, kXmp)) orientation_.xmp(data.subspan(kXmp.size()));
        return;
      case kAdobe:
        return read_adobe(data, whole);
      default:
        if (marker >= kBaseline && marker < kFirstRestart && marker != kArithmeticTables) {
          append(file_.clean, whole);
          read_frame(marker, data);
        }
    }
  }

  // That it is there says that the components are YCbCr; what it holds does not matter.
  void read_jfif(Bytes data) {
    if (!starts_with(data, std::string_view("JFIF\0", 5)) || data.size() < 14) return;
    constexpr std::uint8_t kPlain[] = {0xff, kJfif, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
    append(file_.clean, kPlain);
  }

  // Says what the components are: RGB or CMYK as they are (0), YCbCr (1), YCCK (2).
  void read_adobe(Bytes data, Bytes whole) {
    if (!starts_with(data, "Adobe") || data.size() < 12) return;
    if (data[11] > 2) refuse(source_, "JPEG is corrupt: colour transform {} does not exist", data[11]);
    append(file_.clean, whole);
  }

  void read_huffman_tables(Bytes data) {
    constexpr std::size_t kHead = 1 + HuffmanTable::kMaxBits;
    while (!data.empty()) {
      std::size_t symbols = 0;
      if (data.size() >= kHead)
        symbols = std::accumulate(data.begin() + 1, data.begin() + kHead, std::size_t{0});
      const unsigned kind = data[0] >> 4;
      const unsigned index = data[0] & 15;
      if (data.size() < kHead + symbols || symbols > 256 || kind > 1 || index > 3 ||
          !tables_[kind][index].assign(data.subspan(1, HuffmanTable::kMaxBits),
                                       data.subspan(kHead, symbols))) {
        refuse(source_, "JPEG is corrupt: a Huffman table is not one");
      }
      data = data.subspan(kHead + symbols);
    }
  }

  void read_frame(std::uint8_t marker, Bytes data) {
    if (marker > kProgressive) {
      fail(ErrorCode::kUnsupported,
           "{}: a lossless, hierarchical or arithmetically coded JPEG; save it as plain JPEG", source_.name);
    }
    if (!frame_.components.empty()) refuse(source_, "JPEG is corrupt: it has two frame headers");
    if (data.size() < 6 || data.size() != 6 + 3 * std::size_t{data[5]}) {
      refuse(source_, "JPEG is corrupt: its frame header has {} bytes", data.size());
    }
    if (data[0] != 8 || (data[5] != 1 && data[5] != 3 && data[5] != 4)) {
      fail(ErrorCode::kUnsupported,
           "{}: a JPEG of {} components with {} bits; 1, 3 or 4 with 8 are supported", source_.name, data[5],
           data[0]);
    }
    frame_.progressive = marker == kProgressive;
    frame_.size = {big_endian16(data, 3), big_endian16(data, 1)};
    require_size(source_, frame_.size);
    for (std::size_t i = 0; i < data[5]; ++i) {
      Component component;
      component.id = data[6 + 3 * i];
      component.across = data[7 + 3 * i] >> 4;
      component.down = data[7 + 3 * i] & 15;
      component.missing_bits.fill(-1);
      if (component.across < 1 || component.across > 4 || component.down < 1 || component.down > 4) {
        refuse(source_, "JPEG is corrupt: a component is sampled {} × {}", component.across, component.down);
      }
      frame_.components.push_back(std::move(component));
    }
    lay_out_blocks();
  }

  void lay_out_blocks() {
    std::size_t across = 1;
    std::size_t down = 1;
    for (const Component& component : frame_.components) {
      across = std::max(across, component.across);
      down = std::max(down, component.down);
    }
    frame_.mcus_across = divide_up(frame_.size.width, 8 * across);
    frame_.mcus_down = divide_up(frame_.size.height, 8 * down);
    for (Component& component : frame_.components) {
      component.blocks_across = divide_up(divide_up(frame_.size.width * component.across, across), 8);
      component.blocks_down = divide_up(divide_up(frame_.size.height * component.down, down), 8);
      component.stride = frame_.mcus_across * component.across;
      if (frame_.progressive) component.nonzero.resize(component.stride * frame_.mcus_down * component.down);
    }
  }

  void read_scan(Bytes data) {
    if (frame_.components.empty()) refuse(source_, "JPEG is corrupt: a scan comes before the frame header");
    if (++scans_ > kMaxScans) refuse(source_, "JPEG has more than {} scans", kMaxScans);
    if (data.empty() || data[0] < 1 || data[0] > 4 || data.size() != 4 + 2 * std::size_t{data[0]}) {
      refuse(source_, "JPEG is corrupt: a scan header has {} bytes", data.size());
    }
    const std::size_t count = data[0];
    Scan scan;
    scan.restart_interval = restart_interval_;
    if (frame_.progressive) {
      scan.first = data[1 + 2 * count];
      scan.last = data[2 + 2 * count];
      scan.high = data[3 + 2 * count] >> 4;
      scan.low = data[3 + 2 * count] & 15;
    }
    for (std::size_t i = 0; i < count; ++i) add_to_scan(scan, data[1 + 2 * i], data[2 + 2 * i]);
    require_order(scan);
    const std::size_t begin = at_;
    at_ = walk_scan(source_, begin, frame_, scan);
    write_scan(data, scan, source_.bytes.subspan(begin, at_ - begin));
  }

  void add_to_scan(Scan& scan, std::uint8_t id, std::uint8_t tables) {
    const auto component = std::find_if(frame_.components.begin(), frame_.components.end(),
                                        [&](const Component& one) { return one.id == id; });
    const auto twice = [&](const ScanComponent& one) { return one.component == &*component; };
    if (component == frame_.components.end() || (tables >> 4) > 3 || (tables & 15) > 3 ||
        std::any_of(scan.components.begin(), scan.components.end(), twice)) {
      refuse(source_, "JPEG is corrupt: a scan names component {} with tables {:#x}", id, tables);
    }
    const ScanComponent part{&*component, &tables_[0][tables >> 4], &tables_[1][tables & 15]};
    const bool needs_dc = scan.first == 0 && scan.high == 0;
    const bool needs_ac = scan.last > 0;
    if ((needs_dc && !part.dc->assigned()) || (needs_ac && !part.ac->assigned())) {
      refuse(source_, "JPEG is corrupt: a scan uses a Huffman table that is not there");
    }
    scan.components.push_back(part);
  }

  // Each scan brings coefficients for the first time or refines what came before, one bit at a time.
  void require_order(const Scan& scan) {
    const bool is_dc = scan.first == 0;
    const bool shaped = scan.first <= scan.last && scan.last < kBlockSamples && scan.low <= 13 &&
                        (scan.high == 0 || scan.high == scan.low + 1) &&
                        (!frame_.progressive || (is_dc ? scan.last == 0 : scan.components.size() == 1));
    std::size_t blocks = 0;
    bool in_order = shaped;
    for (const ScanComponent& part : scan.components) {
      std::array<int, kBlockSamples>& missing = part.component->missing_bits;
      blocks += part.component->across * part.component->down;
      in_order = in_order && (is_dc || missing[0] >= 0);
      for (unsigned k = scan.first; in_order && k <= scan.last; ++k) {
        in_order = missing[k] == (scan.high == 0 ? -1 : static_cast<int>(scan.high));
        missing[k] = static_cast<int>(scan.low);
      }
    }
    constexpr std::size_t kMaxBlocks = 10;  // in an MCU, by the standard
    if (!in_order || (scan.components.size() > 1 && blocks > kMaxBlocks)) {
      refuse(source_, "JPEG is corrupt: its scans do not follow each other");
    }
  }

  void write_scan(Bytes header, const Scan& scan, Bytes data) {
    const auto length = static_cast<std::uint8_t>(header.size() + 2);
    const std::uint8_t marker[] = {0xff, kScan, 0, length};
    const std::uint8_t band[] = {static_cast<std::uint8_t>(scan.first), static_cast<std::uint8_t>(scan.last),
                                 static_cast<std::uint8_t>(scan.high << 4 | scan.low)};
    append(file_.clean, marker);
    append(file_.clean, header.first(header.size() - 3));
    append(file_.clean, band);
    append(file_.clean, data);
  }

  // Without an end marker nobody said that the picture is complete: then every bit must be there.
  void require_whole() {
    bool whole = !frame_.components.empty();
    for (const Component& component : frame_.components) {
      const auto& missing = component.missing_bits;
      whole = whole && missing[0] >= 0 &&
              (ended_ || std::all_of(missing.begin(), missing.end(), [](int bits) { return bits == 0; }));
    }
    if (!whole) refuse(source_, "JPEG is truncated: its data ends before its last row");
  }

  const Source& source_;
  std::size_t at_ = 2;
  CheckedFile file_;
  Frame frame_;
  std::array<std::array<HuffmanTable, 4>, 2> tables_;  // DC, AC
  std::size_t restart_interval_ = 0;
  std::size_t scans_ = 0;
  bool ended_ = false;  // by an end marker
  OrientationFinder orientation_;
};

}  // namespace

CheckedFile check_jpeg(const Source& source) { return Checker(source).check(); }

}  // namespace tandem::image
