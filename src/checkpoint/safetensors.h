// A safetensors file, memory-mapped: tensors by name.
//
// Format: 8 bytes little-endian length of the header, a JSON header {NAME: {dtype, shape, data_offsets}},
// the data. Nothing the header says is believed unchecked. Immutable; copies share the mapping.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "checkpoint/tensor.h"
#include "core/file_system.h"

namespace tandem::checkpoint {

class SafetensorsFile {
 public:
  // Throws NotFound; BadFormat, naming file, tensor, found and wanted, where the header is not JSON of
  // that form, or the tensors do not cover the data exactly; Unsupported for other dtypes than DType's.
  static SafetensorsFile open(const std::filesystem::path& path, const FileSystem& files);

  const std::filesystem::path& path() const { return path_; }
  // All tensors, by name.
  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  // Null if there is none of this name; valid as long as this object.
  const TensorView* find(const std::string& name) const;
  // The whole file.
  std::span<const std::byte> bytes() const { return mapping_->bytes(); }
  const std::shared_ptr<const MappedFile>& mapping() const { return mapping_; }

 private:
  SafetensorsFile() = default;

  std::filesystem::path path_;
  std::shared_ptr<const MappedFile> mapping_;
  std::map<std::string, TensorView> tensors_;
};

}  // namespace tandem::checkpoint
