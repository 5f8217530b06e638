// What the tests of failing files and of lost power share: where their pictures are, and small segments.
#pragma once

#include <filesystem>

#include "support/made_gallery.h"

namespace tandem {

inline const std::filesystem::path kPictures = "/pictures";
inline std::filesystem::path picture(std::uint32_t n) { return made_image(kPictures, n).record.path; }

// So that new segments begin all the time.
inline constexpr gallery::WriterSettings kSmallSegments{600};

}  // namespace tandem
