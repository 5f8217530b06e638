// How far the probabilities of an evaluation come true, as a part of its page.
//
// Thread-safe: a free function on values.
#pragma once

#include <string>

#include "tandem/evaluation.h"

namespace tandem::cli {

// A reliability diagram (Guo et al., 2017) of the language, a line for each direction, of the longest
// shortlist, and the expected calibration errors. Empty where nothing was matched.
std::string reliability_html(const EvaluationReport& report, const std::string& language);

}  // namespace tandem::cli
