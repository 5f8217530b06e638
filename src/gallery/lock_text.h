// What a writer writes into the lock: who it is, for people, and a checksum.
//
// Free functions.
#pragma once

#include <filesystem>
#include <string>

#include "core/file_system.h"

namespace tandem::gallery {

// "process 7 on host", and the checksum on a line of its own.
std::string lock_text();

// Throws BadFormat where the lock is neither empty nor has such a text. Missing is fine.
void require_lock_text(const FileSystem& files, const std::filesystem::path& path);

}  // namespace tandem::gallery
