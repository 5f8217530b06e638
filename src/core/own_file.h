// Where the code of this library lies.
//
// Thread-safe: a free function.
#pragma once

#include <filesystem>

namespace tandem {

// The shared library, or the program that has its code within it; empty where the system does not say.
std::filesystem::path own_file();

}  // namespace tandem
