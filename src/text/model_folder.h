// The text and JSON files of a model folder, read with bounds.
//
// Const methods may be called from many threads. Keeps a reference to the file system.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/file_system.h"

namespace tandem::text {

class ModelFolder {
 public:
  ModelFolder(std::filesystem::path folder, const FileSystem& files)
      : folder_(std::move(folder)), files_(files) {}

  bool has(std::string_view name) const;
  std::string path(std::string_view name) const { return (folder_ / name).string(); }

  // Throw NotFound, and BadFormat for a file that is too large, is not UTF-8 or is not a JSON object.
  std::string bytes(std::string_view name) const;
  std::string utf8(std::string_view name) const;
  nlohmann::json json(std::string_view name) const;

 private:
  std::filesystem::path folder_;
  const FileSystem& files_;
};

}  // namespace tandem::text
