// Files that PyTorch's torch.save wrote: zip files since version 1.6, before that pickles with the storages
// behind them.
//
// Nothing in a file is run (pickle_reader.h), and storages are read when a tensor is asked for: those of a
// zip file, stored as PyTorch does, never leave the memory map. Thread-safe: free functions.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "checkpoint/pickle_value.h"
#include "core/file_system.h"

namespace tandem::checkpoint {

// What the file holds. Throws NotFound; Unsupported as read_pickle() does, and for big-endian files and
// those of the first versions (tar files); BadFormat, naming the file, for anything else that is not such
// a file.
PickleValue read_torch_file(const std::filesystem::path& path, const FileSystem& files);
// The same of a mapped file; `place` names it in messages.
PickleValue read_torch_file(std::shared_ptr<const MappedFile> file, const std::string& place);

}  // namespace tandem::checkpoint
