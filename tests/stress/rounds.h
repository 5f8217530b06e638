// A gallery that a writer changes round by round, and what it holds after each: everything follows from the
// number of the round, so that a reader can tell whether all it sees is of one round.
//
// Free functions; a writer is for one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "tandem/gallery_writer.h"

namespace tandem {

// Creates the gallery, at round 0.
std::unique_ptr<GalleryWriter> open_rounds(const std::filesystem::path& gallery);

// Adds, replaces and removes what makes round `round` of the round before, and commits. Now and then it
// compacts and builds the index.
void write_round(GalleryWriter& writer, std::uint32_t round);

// Reads everything. Returns the round that all of it is of; throws a std::runtime_error where it is not of
// one round.
std::uint32_t read_round(const Gallery& gallery);

}  // namespace tandem
