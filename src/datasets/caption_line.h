// The lines of a captions file: each is a picture and its captions.
//
// Thread-safe: free functions on values.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text_lines.h"
#include "tandem/text.h"

namespace tandem::datasets {

struct LineCaption {
  Text text;         // without a language where the line does not say it
  std::string sort;  // "described" of the key "de_described", else empty
};

struct CaptionLine {
  std::string picture;  // its path, relative to the file
  std::string split;    // empty where the line has none
  std::vector<LineCaption> captions;
  // Of a line that has none: other keys of texts or lists, one of which may be meant for them.
  std::vector<std::string> unread;
};

// Calls `take` with each of `lines` that is not blank. Two layouts are read, and may be mixed:
//   {"file": PATH, "captions": ["…", …], "de": "…", "fr": ["…", …]}
//   {"image": PATH, "split": "test", "captions": {"en": ["…", …], "de": ["…", …]}}
// In a list directly under "captions" the language is not stated; elsewhere the key is an ISO 639-1 code, or
// begins with one ("de_described"). Other fields are ignored. Throws BadFormat, with file and line.
void for_each_caption_line(TextLines& lines, const std::function<void(CaptionLine)>& take);

// Whether it is two lower-case letters.
bool is_language_code(std::string_view code);

}  // namespace tandem::datasets
