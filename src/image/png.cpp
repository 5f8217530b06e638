#include "image/png.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>

#include "image/orientation.h"

namespace tandem::image {
namespace {

constexpr std::size_t kChunkFrame = 12;  // length, type and checksum around the data of a chunk
constexpr std::string_view kXmpKeyword("XML:com.adobe.xmp\0", 18);

struct Chunk {
  std::string_view type;
  Bytes data;
  Bytes whole;
};

// The chunk at `at`, or nothing where the file ends before the chunk does.
std::optional<Chunk> chunk_at(Bytes bytes, std::size_t at) {
  if (bytes.size() - at < kChunkFrame) return std::nullopt;
  const std::size_t length = big_endian32(bytes, at);
  if (length > bytes.size() - at - kChunkFrame) return std::nullopt;
  return Chunk{{reinterpret_cast<const char*>(&bytes[at + 4]), 4},
               bytes.subspan(at + 8, length),
               bytes.subspan(at, length + kChunkFrame)};
}

void require_checksum(const Source& source, const Chunk& chunk) {
  const Bytes checked = chunk.whole.subspan(4, chunk.data.size() + 4);
  const auto found = static_cast<std::uint32_t>(crc32_z(0, checked.data(), checked.size()));
  const std::uint32_t wanted = big_endian32(chunk.whole, chunk.whole.size() - 4);
  if (found != wanted)
    refuse_damaged(source, "PNG chunk {} is corrupt: its checksum does not match", chunk.type);
}

struct Header {
  Size size;
  std::size_t bits_per_pixel = 0;
  bool palette = false;
  bool color = false;
  bool alpha = false;
  bool interlaced = false;
};

Header read_header(const Source& source, const Chunk& chunk) {
  if (chunk.type != "IHDR" || chunk.data.size() != 13)
    refuse_damaged(source, "PNG does not begin with its header");
  require_checksum(source, chunk);
  Header header;
  header.size = {big_endian32(chunk.data, 0), big_endian32(chunk.data, 4)};
  require_size(source, header.size);
  const unsigned depth = chunk.data[8];
  const unsigned color = chunk.data[9];
  constexpr std::array<std::size_t, 7> kSamples = {1, 0, 3, 1, 2, 0, 4};  // by colour type; 0: there is none
  const bool whole_bytes = depth == 8 || (depth == 16 && color != 3);
  const bool parts = (depth == 1 || depth == 2 || depth == 4) && (color == 0 || color == 3);
  if (color >= kSamples.size() || kSamples[color] == 0 || !(whole_bytes || parts) || chunk.data[10] != 0 ||
      chunk.data[11] != 0 || chunk.data[12] > 1) {
    refuse_damaged(
        source,
        "PNG has colour type {} with {} bits, compression {}, filter {}, interlacing {}: no such kind", color,
        depth, chunk.data[10], chunk.data[11], chunk.data[12]);
  }
  header.bits_per_pixel = depth * kSamples[color];
  header.palette = color == 3;
  header.color = (color & 2) != 0;
  header.alpha = (color & 4) != 0;
  header.interlaced = chunk.data[12] == 1;
  return header;
}

// Where the pixels of one pass of an interlaced picture lie (Adam7); a plain picture is one pass of all.
struct Pass {
  std::size_t left, top, right_step, down_step;
};
constexpr Pass kPlain[] = {{0, 0, 1, 1}};
constexpr Pass kAdam7[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                           {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

// Inflates the data of several chunks as one stream.
class Inflater {
 public:
  Inflater(const Source& source, std::vector<Bytes> parts) : source_(source), parts_(std::move(parts)) {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  // Fills `row`, or refuses the picture.
  void read(std::vector<std::uint8_t>& row) {
    stream_.next_out = row.data();
    stream_.avail_out = static_cast<uInt>(row.size());
    while (stream_.avail_out > 0) {
      if (stream_.avail_in == 0 && !feed())
        refuse_damaged(source_, "PNG is truncated: its data ends before its last row");
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status == Z_STREAM_END && stream_.avail_out > 0) {
        refuse_damaged(source_, "PNG is truncated: its data ends before its last row");
      }
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        refuse_damaged(source_, "PNG is corrupt: its data cannot be inflated");
      }
    }
  }

 private:
  bool feed() {
    if (next_ == parts_.size()) return false;
    const Bytes part = parts_[next_++];
    stream_.next_in = const_cast<Bytef*>(part.data());  // zlib does not write to it
    stream_.avail_in = static_cast<uInt>(part.size());
    return true;
  }

  const Source& source_;
  std::vector<Bytes> parts_;
  std::size_t next_ = 0;
  z_stream stream_ = {};
};

void require_rows(const Source& source, const Header& header, std::vector<Bytes> parts) {
  constexpr unsigned kLastFilter = 4;
  Inflater inflater(source, std::move(parts));
  std::vector<std::uint8_t> row;
  for (const Pass& pass : header.interlaced ? std::span<const Pass>(kAdam7) : kPlain) {
    if (pass.left >= header.size.width) continue;
    const std::size_t pixels = (header.size.width - pass.left + pass.right_step - 1) / pass.right_step;
    row.resize(1 + (pixels * header.bits_per_pixel + 7) / 8);  // a filter number, then the pixels
    for (std::size_t y = pass.top; y < header.size.height; y += pass.down_step) {
      inflater.read(row);
      if (row[0] > kLastFilter)
        refuse_damaged(source, "PNG is corrupt: row filter {} does not exist", row[0]);
    }
  }
}

}  // namespace

CheckedFile check_png(const Source& source) {
  const Bytes bytes = source.bytes;
  std::size_t at = kPngMagic.size();
  std::optional<Chunk> chunk = chunk_at(bytes, at);
  if (!chunk) refuse_damaged(source, "PNG is truncated: its header is not whole");
  const Header header = read_header(source, *chunk);
  CheckedFile file{header.size, 1, {}, header.alpha};
  append(file.clean, bytes.first(at + chunk->whole.size()));
  OrientationFinder orientation;
  std::vector<Bytes> data;
  bool has_palette = false;
  for (at += chunk->whole.size(); at < bytes.size() && (chunk = chunk_at(bytes, at));
       at += chunk->whole.size()) {
    if (chunk->type == "IEND") break;
    const bool is_palette = chunk->type == "PLTE" && header.palette && !has_palette && data.empty();
    // The transparent colours of a palette, or the one of a picture without alpha; OpenCV reads none of gray.
    const bool is_transparency = chunk->type == "tRNS" && header.color && !header.alpha &&
                                 !file.may_be_transparent && data.empty() && (has_palette || !header.palette);
    file.may_be_transparent = file.may_be_transparent || is_transparency;
    if (is_palette || is_transparency || chunk->type == "IDAT") {
      require_checksum(source, *chunk);
      append(file.clean, chunk->whole);
    }
    if (chunk->type == "IDAT") data.push_back(chunk->data);
    if (chunk->type == "eXIf") orientation.exif(chunk->data);
    if (chunk->type == "iTXt" && starts_with(chunk->data, kXmpKeyword)) orientation.xmp(chunk->data);
    has_palette = has_palette || is_palette;
  }
  if (header.palette && !has_palette)
    refuse_damaged(source, "PNG has no palette, though its colours are in one");
  require_rows(source, header, std::move(data));
  constexpr std::uint8_t kEnd[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
  append(file.clean, kEnd);
  file.orientation = orientation.orientation();
  return file;
}

}  // namespace tandem::image
