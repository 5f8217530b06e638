#include "gallery/paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/fail.h"

namespace tandem::gallery {

namespace fs = std::filesystem;

fs::path normal_path(const fs::path& path) {
  if (path.empty())
    fail(ErrorCode::kInvalidArgument, "a path is empty, the path of a file or folder is wanted");
  const fs::path normal = fs::absolute(path).lexically_normal();
  return normal.has_filename() || !normal.has_relative_path() ? normal : normal.parent_path();
}

bool is_within(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

std::string percent_encoded(std::string_view bytes) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-~";
  std::string text;
  for (const char c : bytes) {
    if (kPlain.find(c) != std::string_view::npos) {
      text += c;
    } else {
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

std::string percent_decoded(std::string_view text, std::string_view what) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    unsigned char value = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) {
      fail(ErrorCode::kBadFormat, "{}: \"%\" at {} is not followed by two hex digits", what, i);
    }
    bytes += static_cast<char>(value);
    i += 2;
  }
  return bytes;
}

StoredFolder stored_folder(const fs::path& gallery, const fs::path& folder) {
  const fs::path parent = gallery.parent_path();
  // Below "/" lies everything, and nobody moves that along.
  if (parent.has_relative_path() && is_within(folder, parent)) {
    return {true, folder.lexically_relative(gallery).string()};
  }
  return {false, folder.string()};
}

fs::path absolute_folder(const fs::path& gallery, const StoredFolder& folder) {
  return folder.relative ? normal_path(gallery / folder.path) : fs::path(folder.path);
}

}  // namespace tandem::gallery
