// The tensors of a state dict that torch.save wrote.
//
// Thread-safe: a free function.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "checkpoint/tensor.h"
#include "core/file_system.h"

namespace tandem::checkpoint {

struct PickledWeights {
  std::shared_ptr<const MappedFile> file;  // the whole file
  std::map<std::string, TensorView> tensors;
};

// The tensors of a TorchScript archive are those of its module, by the names of its state_dict(). Of any
// other file `below` is the key of the dict that has the tensors; empty: the file's own dict where it has
// tensors, else what it has below `state_dict`, else below `model`. Entries that are no tensors are passed
// over. Throws as read_torch_file() does; BadFormat where there is no tensor, and for a name twice.
PickledWeights read_pickled_weights(const std::filesystem::path& path, const std::string& below,
                                    const FileSystem& files);

}  // namespace tandem::checkpoint
