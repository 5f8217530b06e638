// The ids of pictures as the keys of a pickled dict.
//
// Thread-safe: a free function.
#pragma once

#include <string>

#include "checkpoint/pickle_value.h"
#include "core/fail.h"

namespace tandem::regions {

// A text or a number, as text. Throws BadFormat, naming `file`, for another key.
inline std::string torch_id(const checkpoint::PickleValue& key, const std::string& file) {
  if (key.is(checkpoint::PickleKind::kInt)) return std::to_string(key.integer());
  if (key.is(checkpoint::PickleKind::kString)) return std::string(key.text());
  fail(ErrorCode::kBadFormat, "{}: found {} as the id of a picture, a text or a number is wanted", file,
       key.describe());
}

}  // namespace tandem::regions
