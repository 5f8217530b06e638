#include "text/unicode.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <memory>

#include "core/fail.h"

namespace tandem::text {
namespace {

void require_success(UErrorCode status, const char* what) {
  if (U_FAILURE(status)) fail(ErrorCode::kBackend, "ICU: {} failed: {}", what, u_errorName(status));
}

bool assigned_by(char32_t c, int major) {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] > 0 && age[0] <= major;
}

// The general category (U_*_MASK) in Unicode 8, from ICU's newer one: what was assigned later is unassigned,
// and the second table undoes the few changes of category since.
std::uint32_t category_mask_unicode8(char32_t c) {
  if (!assigned_by(c, 8)) return U_GC_CN_MASK;
  switch (c) {
    case 0x1734:  // Hanunoo pamudpod
      return U_GC_MN_MASK;
    case 0x1885:  // Mongolian baludas
    case 0x1886:
      return U_GC_LO_MASK;
    case 0xA9BD:  // Javanese keret
      return U_GC_MC_MASK;
    case 0x166D:   // Canadian syllabics chi sign
    case 0x111C9:  // Sharada sandhi mark
      return U_GC_PO_MASK;
    default:
      return U_GET_GC_MASK(static_cast<UChar32>(c));
  }
}

std::uint32_t category_mask(char32_t c) { return U_GET_GC_MASK(static_cast<UChar32>(c)); }

// Characters that Unicode 9 has. The reference's normal forms leave newer ones alone.
const icu::UnicodeSet& unicode9() {
  static const icu::UnicodeSet set = [] {
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeSet known(UNICODE_STRING_SIMPLE("[:Age=9.0:]"), status);
    require_success(status, "loading the ages of characters");
    known.freeze();
    return known;
  }();
  return set;
}

std::string normalize(const icu::Normalizer2& normalizer, std::string_view text) {
  std::string result;
  icu::StringByteSink<std::string> sink(&result, static_cast<std::int32_t>(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  icu::FilteredNormalizer2(normalizer, unicode9())
      .normalizeUTF8(0, {text.data(), static_cast<std::int32_t>(text.size())}, sink, nullptr, status);
  require_success(status, "normalisation");
  return result;
}

std::string lower(std::string_view text) {
  std::string result;
  icu::StringByteSink<std::string> sink(&result, static_cast<std::int32_t>(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  icu::CaseMap::utf8ToLower("", 0, {text.data(), static_cast<std::int32_t>(text.size())}, sink, nullptr,
                            status);
  require_success(status, "lower-casing");
  return result;
}

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& position) {
  char32_t c = 0;
  U8_NEXT_UNSAFE(text.data(), position, c);
  return c;
}

void append_code_point(char32_t code_point, std::string& text) {
  char bytes[U8_MAX_LENGTH];
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, code_point);
  text.append(bytes, length);
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += U8_IS_TRAIL(byte) ? 0 : 1;
  return count;
}

bool is_white_space(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)); }
bool is_python_white_space(char32_t c) { return is_white_space(c) || (c >= 0x1C && c <= 0x1F); }
bool is_letter(char32_t c) { return (category_mask(c) & U_GC_L_MASK) != 0; }
bool is_number(char32_t c) { return (category_mask(c) & U_GC_N_MASK) != 0; }

bool is_word(char32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  return u_isUAlphabetic(code_point) ||
         (category_mask(c) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0 ||
         u_hasBinaryProperty(code_point, UCHAR_JOIN_CONTROL);
}

bool is_bert_control(char32_t c) {
  return (category_mask_unicode8(c) & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0;
}

bool is_bert_punctuation(char32_t c) {
  if (c < 0x80) return (category_mask(c) & (U_GC_P_MASK | U_GC_S_MASK)) != 0;
  return (category_mask_unicode8(c) & U_GC_P_MASK) != 0;
}

std::string lower_code_points(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    const auto c = static_cast<UChar32>(next_code_point(text, position));
    if (c < 0x80) {
      result += static_cast<char>(u_tolower(c));
    } else if (u_hasBinaryProperty(c, UCHAR_CHANGES_WHEN_LOWERCASED)) {
      result += lower(text.substr(start, position - start));
    } else {
      result += text.substr(start, position - start);
    }
  }
  return result;
}

std::string lower_text(std::string_view text) { return lower(text); }

std::string compose(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  require_success(status, "loading NFC");
  return normalize(*nfc, text);
}

std::string strip_accents(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(status);
  require_success(status, "loading NFD");
  const std::string decomposed = normalize(*nfd, text);
  std::string result;
  result.reserve(decomposed.size());
  for (std::size_t position = 0; position < decomposed.size();) {
    const std::size_t start = position;
    const char32_t c = next_code_point(decomposed, position);
    if ((category_mask_unicode8(c) & U_GC_MN_MASK) == 0) result.append(decomposed, start, position - start);
  }
  return result;
}

std::vector<std::size_t> grapheme_ends(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  UText source = UTEXT_INITIALIZER;
  utext_openUTF8(&source, text.data(), static_cast<std::int64_t>(text.size()), &status);
  const std::unique_ptr<UText, decltype(&utext_close)> close_text(&source, utext_close);
  const std::unique_ptr<UBreakIterator, decltype(&ubrk_close)> breaks(
      ubrk_open(UBRK_CHARACTER, "", nullptr, 0, &status), ubrk_close);
  require_success(status, "opening a break iterator");
  ubrk_setUText(breaks.get(), &source, &status);
  require_success(status, "finding grapheme clusters");
  std::vector<std::size_t> ends;
  for (std::int32_t end = ubrk_next(breaks.get()); end != UBRK_DONE; end = ubrk_next(breaks.get())) {
    ends.push_back(static_cast<std::size_t>(end));
  }
  return ends;
}

}  // namespace tandem::text
