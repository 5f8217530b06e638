#include "image/opencv_decoder.h"

#include <dlfcn.h>

#include <climits>
#include <filesystem>

#include "core/own_file.h"

namespace tandem::image {
namespace {

using Decode = decltype(&tandem_decode_by_opencv);

// Beside this library; of a program that has it within itself, in PREFIX/lib beside its PREFIX/bin.
Decode load_decoder() {
  const std::filesystem::path folder = own_file().parent_path();
  std::string reason;
  for (const auto& place : {folder, folder.parent_path() / "lib"}) {
    void* library = ::dlopen((place / TANDEM_OPENCV_LIBRARY).c_str(), RTLD_NOW | RTLD_LOCAL);
    void* decode = library != nullptr ? ::dlsym(library, "tandem_decode_by_opencv") : nullptr;
    if (decode != nullptr) return reinterpret_cast<Decode>(decode);
    if (reason.empty()) reason = ::dlerror();
  }
  fail(ErrorCode::kBackend, "PNG and WebP pictures cannot be decoded: {}; install Tandem once more", reason);
}

}  // namespace

DecodedFile decode_by_opencv(const Source& source, const CheckedFile& file) {
  static const Decode decode = load_decoder();
  if (file.clean.size() > INT_MAX)
    refuse(source, "has {} bytes, too many for the decoder", file.clean.size());
  DecodedFile decoded{{file.size.width, file.size.height, {}}, file.orientation};
  decoded.image.rgb.resize(file.size.width * file.size.height * 3);
  if (!decode(file, decoded.image.rgb.data())) {
    refuse_damaged(source, "is corrupt: it cannot be decoded");
  }
  return decoded;
}

}  // namespace tandem::image
