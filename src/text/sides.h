// Whether a caption tells left from right, so that it is wrong of the mirrored picture.
//
// Thread-safe: a free function.
#pragma once

#include <string_view>

namespace tandem::text {

// By the words for the two sides, in any inflection, in English, German, French and Czech; some that mean
// something else ("he left", "tout droit") count too. True for captions in other languages, of which nothing
// is known. `language`: an ISO 639-1 code ("en"). The caption is well-formed UTF-8.
bool mentions_sides(std::string_view caption, std::string_view language);

}  // namespace tandem::text
