// What a training run measures, in the files that TensorBoard reads.
//
// For one thread. The file system outlives it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "core/file_system.h"

namespace tandem::training {

class EventFile {
 public:
  // Begins a new file in `folder`, which is created where it is missing; what earlier runs wrote stays beside
  // it, as TensorBoard joins all files of a folder. `wall_time`: seconds since the Unix epoch. `steps_done`:
  // where a run goes on, the step that it goes on from; TensorBoard then drops what an earlier run said of
  // later ones. Throws what FileSystem throws.
  EventFile(FileSystem& files, const std::filesystem::path& folder, double wall_time,
            std::int64_t steps_done = 0);

  // One point of the curve `tag` ("loss/train": a slash makes a group), in the file when it returns. Throws
  // InvalidArgument for a tag that is not UTF-8; where the file cannot be written, what FileSystem throws,
  // and no point may follow, for a part of this one may stand in the file.
  void scalar(std::string_view tag, std::int64_t step, float value, double wall_time);

  const std::filesystem::path& path() const { return path_; }

 private:
  void write(std::string_view event);

  std::filesystem::path path_;
  std::unique_ptr<WritableFile> file_;
};

}  // namespace tandem::training
