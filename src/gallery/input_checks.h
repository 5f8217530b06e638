// What a writer checks of the records that it is given, before it touches a file.
//
// Free functions. All throw InvalidArgument; `what` says whose value it is.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "tandem/gallery_writer.h"
#include "tandem/matrix.h"

namespace tandem::gallery {

// `count` rows of `dimension` values, each of length 1.
void require_unit_rows(MatrixView rows, std::size_t count, std::size_t dimension, const std::string& what);

// What a catalogue can keep of a picture; `path` is normal.
void require_record(const std::filesystem::path& path, const ImageRecord& record);
void require_file(const std::filesystem::path& path, const FileStamp& stamp);

void require_caption(const NewCaption& caption, std::size_t dimension, const std::string& what);

}  // namespace tandem::gallery
