// Where things are: pictures relative to a gallery, and names in messages and files.
//
// Free functions and values.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tandem::gallery {

// Absolute, without "." and "..", without a slash at its end. Links are not followed. An empty
// path is InvalidArgument.
std::filesystem::path normal_path(const std::filesystem::path& path);

// Whether `path` is `folder` or lies below it, component by component. Both must be normal.
bool is_within(const std::filesystem::path& path, const std::filesystem::path& folder);

// Letters, digits and "/._-~" as they are, every other byte as %XX.
std::string percent_encoded(std::string_view bytes);
// The inverse. Throws BadFormat naming `what`.
std::string percent_decoded(std::string_view text, std::string_view what);

// A folder of pictures as a gallery keeps it: relative to the gallery's folder where it lies in the same
// parent folder, so that both can be moved together, else absolute.
struct StoredFolder {
  bool relative = false;
  std::string path;  // bytes as the file system has them
  friend bool operator==(const StoredFolder&, const StoredFolder&) = default;
};

// `gallery` and `folder` must be normal; the result of absolute_folder() is.
StoredFolder stored_folder(const std::filesystem::path& gallery, const std::filesystem::path& folder);
std::filesystem::path absolute_folder(const std::filesystem::path& gallery, const StoredFolder& folder);

}  // namespace tandem::gallery
