// The weights of a model behind one interface, whether safetensors or written by torch.save, in one file
// or in shards that an index lists.
//
// Immutable: const methods may be called from many threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/tensor.h"
#include "core/file_system.h"

namespace tandem::checkpoint {

class Weights {
 public:
  // The first of these in a folder: model.safetensors, model.safetensors.index.json with its shards,
  // pytorch_model.bin, pytorch_model.bin.index.json with its shards. Throws NotFound where there is none;
  // what SafetensorsFile and read_pickled_weights() throw; BadFormat where the index and its shards
  // disagree. A prefix `module.` that all names have is cut off.
  static Weights open(const std::filesystem::path& folder, const FileSystem& files);
  // One file of any name: safetensors by the ending .safetensors, else one of torch.save. `below`: the key
  // of the dict that has the tensors, as read_pickled_weights() takes it; safetensors have no such.
  static Weights open_file(const std::filesystem::path& file, const FileSystem& files,
                           const std::string& below = "");

  // The same tensors under other names. Throws BadFormat where two would get one name.
  Weights renamed(const std::function<std::string(const std::string&)>& rename) const;
  // Takes in the tensors of other files. Throws BadFormat for a name that both have.
  void add(const Weights& other);

  // The folder, or the one file, that was opened.
  const std::filesystem::path& folder() const { return folder_; }

  // Names in order. The scales of quantised tensors are part of those tensors and not listed.
  std::vector<std::string> names() const;
  // The tensor as stored, or null; valid as long as this object. Int8 values of a quantised tensor are
  // not yet multiplied by their scales: read() does that.
  const TensorView* find(const std::string& name) const;
  // Whether `NAME` is I8 and there is a `NAME.scale`.
  bool is_quantised(const std::string& name) const;
  // All values of a tensor as float32, de-quantised where is_quantised().
  // `out` has as many elements as the tensor. Throws NotFound for an unknown name, InvalidArgument for
  // another size, BadFormat for scales that do not fit.
  void read(const std::string& name, std::span<float> out) const;

  // Of a tensor that is_quantised(): its int8 values as they are stored, and their scales, one for each first
  // index. Throws BadFormat for scales that do not fit.
  void read_int8(const std::string& name, std::span<std::int8_t> steps, std::span<float> scales) const;

  // Gives back the memory of what was read so far, which the system else keeps for this process beside what
  // was made of it. More can be read behind it.
  void release() const;

  // Hex digest of all bytes of the weight files; reads them all.
  std::string fingerprint() const;

 private:
  Weights() = default;
  // Keeps the file for the fingerprint; returns its tensors.
  std::map<std::string, TensorView> add_file(const std::filesystem::path& file, const std::string& below,
                                             const FileSystem& files);
  // `index` in the folder lists the file of each tensor.
  void add_shards(const std::string& index, const FileSystem& files);
  // Cuts off "module.", which torch.nn.DataParallel puts before all names.
  void unwrap();
  // Throws BadFormat where the name is taken.
  void add_tensor(const std::string& name, const TensorView& tensor);
  bool is_scale(const std::string& name) const;

  std::filesystem::path folder_;
  std::vector<std::shared_ptr<const MappedFile>> files_;
  std::map<std::string, TensorView> tensors_;
};

}  // namespace tandem::checkpoint
