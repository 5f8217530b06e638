// The weights of a model folder: model.safetensors, or the shards that model.safetensors.index.json
// lists, behind one interface.
//
// Immutable: const methods may be called from many threads.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/safetensors.h"
#include "core/file_system.h"

namespace tandem::checkpoint {

class Weights {
 public:
  // Throws NotFound where there are no weights; Unsupported where they are pickled only
  // (pytorch_model.bin), which no reader can open safely; BadFormat as SafetensorsFile does, and where
  // the index and its shards disagree.
  static Weights open(const std::filesystem::path& folder, const FileSystem& files);

  const std::filesystem::path& folder() const { return folder_; }

  // Names in order. The scales of quantised tensors are part of those tensors and not listed.
  std::vector<std::string> names() const;
  // The tensor as stored, or null; valid as long as this object. Int8 values of a quantised tensor are
  // not yet multiplied by their scales: read() does that.
  const TensorView* find(const std::string& name) const;
  // All values of a tensor as float32, de-quantised where `NAME` is I8 and there is a `NAME.scale`.
  // `out` has as many elements as the tensor. Throws NotFound for an unknown name, InvalidArgument for
  // another size, BadFormat for scales that do not fit.
  void read(const std::string& name, std::span<float> out) const;

  // Hex digest of all bytes of the weight files; reads them all.
  std::string fingerprint() const;

 private:
  Weights() = default;
  // `shards`: the file of each tensor.
  void open_shards(const std::map<std::string, std::string>& shards, const FileSystem& files);
  bool is_scale(const std::string& name) const;

  std::filesystem::path folder_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, TensorView> tensors_;
};

}  // namespace tandem::checkpoint
