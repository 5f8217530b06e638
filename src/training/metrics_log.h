// What a training run measures, as JSON lines that any program reads.
//
// For one thread. The file system outlives it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/file_system.h"

namespace tandem::training {

// Names with their values, in the order in which they are written.
using Metrics = std::vector<std::pair<std::string, double>>;

class MetricsLog {
 public:
  // Opens the log, created where it is missing; its folder is there. `steps_done`: the step that the run goes
  // on from; `steps_evaluated`: the last one whose record of the kind "dev" it does not make again. Later
  // records are cut off, and so is a last line that a kill left unfinished: the run will write them again.
  // Throws BadFormat for another line that is no record, and what FileSystem throws.
  MetricsLog(FileSystem& files, const std::filesystem::path& path, std::uint64_t steps_done,
             std::uint64_t steps_evaluated);

  // Appends {"kind": KIND, "step": STEP, NAME: VALUE, ...}; a value that is not finite, for which JSON has no
  // number, becomes null. It is in the file when this returns, and may still be lost if the machine fails.
  // Throws InvalidArgument for text that is not UTF-8, and for a name that stands in the record twice; what
  // FileSystem throws, and the log must be opened anew then.
  void append(std::string_view kind, std::uint64_t step, const Metrics& metrics);

  // All records are on the medium when it returns: before a checkpoint is written, so that none is missing of
  // the steps that it has done.
  void sync() { file_->sync(); }

 private:
  std::unique_ptr<WritableFile> file_;
};

}  // namespace tandem::training
