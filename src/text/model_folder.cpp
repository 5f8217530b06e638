#include "text/model_folder.h"

#include <cstdint>
#include <utility>

#include "core/fail.h"
#include "core/utf8.h"

namespace tandem::text {
namespace {

// The largest vocabularies known take some 35 MB.
constexpr std::uint64_t kMaxBytes = std::uint64_t{64} << 20;
// Tokenizer files need about 8; the bound keeps all that walks the tree from running out of stack.
constexpr int kMaxDepth = 64;

}  // namespace

bool ModelFolder::has(std::string_view name) const {
  return files_.status(folder_ / name).kind != FileKind::kMissing;
}

std::string ModelFolder::bytes(std::string_view name) const {
  const std::vector<std::byte> bytes = files_.read(folder_ / name, kMaxBytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string ModelFolder::utf8(std::string_view name) const {
  std::string text = bytes(name);
  if (const auto offset = first_invalid_utf8(text)) {
    fail(ErrorCode::kBadFormat, "{}: invalid UTF-8 at byte {}; wanted a text file in UTF-8", path(name),
         *offset);
  }
  return text;
}

nlohmann::json ModelFolder::json(std::string_view name) const {
  using nlohmann::json;
  const std::string text = utf8(name);
  const auto check_depth = [&](int depth, json::parse_event_t, json&) {
    if (depth > kMaxDepth) {
      fail(ErrorCode::kBadFormat, "{}: JSON nested deeper than {} levels; not a tokenizer file", path(name),
           kMaxDepth);
    }
    return true;
  };
  json result;
  try {
    result = json::parse(text, check_depth);
  } catch (const json::exception& error) {
    fail(ErrorCode::kBadFormat, "{}: broken JSON: {}", path(name), error.what());
  }
  if (!result.is_object()) {
    fail(ErrorCode::kBadFormat, "{}: found a JSON {}, wanted an object", path(name), result.type_name());
  }
  return result;
}

}  // namespace tandem::text
