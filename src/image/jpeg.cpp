#include "image/jpeg.h"

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <utility>

#include "image/orientation.h"

namespace tandem::image {
namespace {

constexpr int kMaxScans = 100;  // each costs a walk over the whole picture; encoders write some 10
constexpr std::string_view kExif("Exif\0\0", 6);
constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);

// What libjpeg says, kept instead of printed.
struct Messages {
  jpeg_error_mgr manager;  // first: libjpeg hands back a pointer to it
  std::jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> text;
  int code;
  bool ended;  // the file ended before an end marker
};

Messages& messages_of(j_common_ptr info) { return *reinterpret_cast<Messages*>(info->err); }

void stop(j_common_ptr info) {
  Messages& messages = messages_of(info);
  messages.code = messages.manager.msg_code;
  messages.manager.format_message(info, messages.text.data());
  std::longjmp(messages.jump, 1);
}

void take_warning(j_common_ptr info, int level) {
  if (level >= 0) return;  // only tells of its work
  Messages& messages = messages_of(info);
  switch (messages.manager.msg_code) {
    case JWRN_JPEG_EOF:
      messages.ended = true;
      break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
      stop(info);  // pixels are missing or wrong: the rest would be made up, and take its time
      break;
    default:  // stray bytes between segments, odd versions: no pixel depends on them
      break;
  }
}

void print_nothing(j_common_ptr) {}

void count_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
  Messages& messages = messages_of(info);
  messages.code = 0;
  std::snprintf(messages.text.data(), messages.text.size(), "it has more than %d scans", kMaxScans);
  std::longjmp(messages.jump, 1);
}

// The steps leave by longjmp where libjpeg fails, so they and what they call have only trivial locals.
class Decoder {
 public:
  explicit Decoder(const Source& source) : source_(source) {
    info_.err = jpeg_std_error(&messages_.manager);
    messages_.manager.error_exit = stop;
    messages_.manager.emit_message = take_warning;
    messages_.manager.output_message = print_nothing;
    progress_.progress_monitor = count_scans;
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&info_); }

  DecodedFile decode() {
    run(&Decoder::read_header);
    require_size(source_, {info_.image_width, info_.image_height});
    // Hardly anything writes it, and libjpeg does not say where its data is broken.
    if (info_.arith_code != FALSE) {
      fail(ErrorCode::kUnsupported, "{}: is an arithmetically coded JPEG; save it as plain JPEG",
           source_.name);
    }
    info_.scale_denom = reduction();
    run(&Decoder::find_output_size);
    DecodedFile file;
    file.image = {info_.output_width, info_.output_height, {}};
    if (info_.scale_denom > 1) file.full = {info_.image_width, info_.image_height};
    file.image.rgb.resize(file.image.width * file.image.height * 3);
    file.orientation = orientation();
    out_ = file.image.rgb.data();
    cmyk_row_.resize(info_.num_components == 4 ? file.image.width * 4 : 0);
    run(&Decoder::read_rows);
    if (messages_.ended && !whole_) {
      refuse_damaged(source_, "JPEG is truncated or corrupt: not all of its data can be read");
    }
    return file;
  }

 private:
  void run(void (Decoder::*step)()) {
    if (setjmp(messages_.jump) == 0) {
      (this->*step)();
      return;
    }
    switch (messages_.code) {
      case JERR_OUT_OF_MEMORY:
        throw std::bad_alloc();
      case JERR_SOF_UNSUPPORTED:
      case JERR_BAD_PRECISION:
      case JERR_CONVERSION_NOTIMPL:
        fail(ErrorCode::kUnsupported, "{}: this kind of JPEG is not supported ({}); save it as plain JPEG",
             source_.name, messages_.text.data());
      default:
        refuse_damaged(source_, "JPEG is truncated or corrupt: {}", messages_.text.data());
    }
  }

  void read_header() {
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, source_.bytes.data(), source_.bytes.size());
    jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(&info_, TRUE);
  }

  // By how much the sides can be divided so that they stay at least twice what is wanted.
  unsigned reduction() const {
    const std::size_t shorter = std::min(info_.image_width, info_.image_height);
    unsigned divisor = 8;
    while (divisor > 1 && (source_.side == 0 || shorter < 2 * source_.side * divisor)) divisor /= 2;
    return divisor;
  }

  void find_output_size() { jpeg_calc_output_dimensions(&info_); }

  void read_rows() {
    info_.out_color_space = info_.num_components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = cmyk_row_.empty() ? out_ : cmyk_row_.data();
      jpeg_read_scanlines(&info_, &row, 1);
      if (!cmyk_row_.empty()) cmyk_to_rgb();
      out_ += std::size_t{3} * info_.output_width;
    }
    whole_ = all_bits_arrived();
  }

  // Of a progressive picture without an end marker: whether every coefficient came down to its last bit.
  bool all_bits_arrived() const {
    if (info_.coef_bits == nullptr)
      return jpeg_has_multiple_scans(const_cast<j_decompress_ptr>(&info_)) == FALSE;
    for (int c = 0; c < info_.num_components; ++c) {
      for (const int missing : info_.coef_bits[c]) {
        if (missing != 0) return false;
      }
    }
    return true;
  }

  // As the reference does it: (255 - C)(255 - K) / 255, rounded; Adobe stores 255 - C and so on.
  void cmyk_to_rgb() {
    for (std::size_t x = 0; x < info_.output_width; ++x) {
      const JSAMPLE* pixel = &cmyk_row_[4 * x];
      const unsigned light = pixel[3];
      for (std::size_t c = 0; c < 3; ++c) {
        const unsigned product = (255u - pixel[c]) * light + 128;
        out_[3 * x + c] = static_cast<JSAMPLE>(light - (((product >> 8) + product) >> 8));
      }
    }
  }

  int orientation() const {
    OrientationFinder finder;
    for (const jpeg_marker_struct* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      const Bytes data(marker->data, marker->data_length);
      if (starts_with(data, kExif)) finder.exif(data);
      if (starts_with(data, kXmp)) finder.xmp(data.subspan(kXmp.size()));
    }
    return finder.orientation();
  }

  const Source& source_;
  Messages messages_ = {};
  jpeg_progress_mgr progress_ = {};
  jpeg_decompress_struct info_ = {};
  std::vector<JSAMPLE> cmyk_row_;  // empty unless the picture has four components
  JSAMPLE* out_ = nullptr;         // the row of the result that comes next
  bool whole_ = false;
};

}  // namespace

DecodedFile decode_jpeg(const Source& source) { return Decoder(source).decode(); }

}  // namespace tandem::image
