// The checks that regions of every file format go through.
//
// Thread-safe: free functions. All throw BadFormat, naming `place`.
#pragma once

#include <cstdint>
#include <string>

#include "tandem/regions.h"

namespace tandem::regions {

// A number of regions and their width before anything is made of that size.
void check_size(std::uint64_t regions, std::uint64_t width, const RegionLimits& limits,
                const std::string& place);

// The width or height of a picture: a whole number from 1 to 2^31 - 1.
std::size_t picture_size(double found, const char* what, const std::string& place);

// Regions that can be believed: as many boxes as features, all numbers finite, no box that ends before it
// begins. Boxes are clipped to the picture.
Regions checked(Regions regions, const std::string& place);

}  // namespace tandem::regions
