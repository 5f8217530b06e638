// The pages of an SQLite file: what is on them, and what a damaged catalogue still says.
#include "gallery/sqlite_pages.h"

#include <span>
#include <variant>

#include "fuzz.h"
#include "gallery/salvaged_rows.h"

using namespace tandem;

namespace {

constexpr std::size_t kMostTries = 2'000;  // so that an input takes milliseconds

std::size_t bytes_of(const gallery::Row& row) {
  std::size_t bytes = 0;
  for (const gallery::Value& value : row) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    if (const auto* blob = std::get_if<gallery::Blob>(&value)) bytes += blob->bytes.size();
  }
  return bytes;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  const auto visit = [&](const gallery::Row& row) {
    fuzz::require(bytes_of(row) <= file.size(), "what a row says stands in the file");
    return true;
  };
  gallery::visit_pages(file, {.row = visit, .damaged_row = visit, .entry = visit}, kMostTries);

  const gallery::SalvagedRows rows = gallery::salvage_rows(file, kMostTries);
  for (const auto& [id, image] : rows.images)
    fuzz::require(image.record.id == id, "pictures are by their id");
  for (const auto& text : rows.damaged_captions) {
    fuzz::require(text.size() <= file.size(), "what a caption says stands in the file");
  }
  return 0;
}
