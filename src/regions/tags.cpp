// Object labels by the ids of pictures.
#include <nlohmann/json.hpp>
#include <string_view>

#include "checkpoint/json.h"
#include "checkpoint/torch_file.h"
#include "core/fail.h"
#include "core/text_lines.h"
#include "regions/formats.h"
#include "regions/torch_ids.h"

namespace tandem::regions {
namespace {

using nlohmann::json;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;
constexpr int kMaxDepth = 8;

void add(TagsById& tags, std::string id, std::string text, const std::string& place) {
  const auto [entry, is_new] = tags.emplace(std::move(id), std::move(text));
  if (is_new) return;
  fail(ErrorCode::kBadFormat, "{}: the id {} is there twice, each is wanted once", place,
       checkpoint::shown(entry->first));
}

TagsById read_torch(const std::filesystem::path& path, const FileSystem& files) {
  const std::string place = path.string();
  const checkpoint::PickleValue dict = checkpoint::read_torch_file(path, files);
  TagsById tags;
  for (std::size_t i = 0; i < dict.size(); ++i) {
    const checkpoint::PickleValue text = dict.value(i);
    if (!text.is(checkpoint::PickleKind::kString)) {
      fail(ErrorCode::kBadFormat, "{}: found {} as the tags of {}, a text is wanted", place, text.describe(),
           dict.key(i).describe());
    }
    add(tags, torch_id(dict.key(i), place), std::string(text.text()), place);
  }
  return tags;
}

std::string id_of(const json& object, const std::string& place) {
  const auto image = object.find("image");
  if (image != object.end() && image->is_string()) return image->get<std::string>();
  if (image != object.end() && image->is_number_integer()) return image->dump();
  fail(ErrorCode::kBadFormat, "{}: image: the id of a picture is wanted, a text or a number", place);
}

void read_line(TagsById& tags, std::string_view line, const std::string& place) {
  const json object = checkpoint::parse_json(line, place, kMaxDepth);
  if (!object.is_object()) {
    fail(ErrorCode::kBadFormat, "{}: found {}, an object is wanted", place, checkpoint::shown(object));
  }
  const auto text = object.find("tags");
  if (text == object.end() || !text->is_string()) {
    fail(ErrorCode::kBadFormat, "{}: tags: a text is wanted, labels with blanks between them", place);
  }
  add(tags, id_of(object, place), text->get<std::string>(), place);
}

TagsById read_lines(const std::filesystem::path& path, const FileSystem& files) {
  const std::vector<std::byte> bytes = files.read(path, kMaxBytes);
  TextLines lines({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
  TagsById tags;
  for (std::string_view line; lines.next_json(line);) read_line(tags, line, lines.place());
  return tags;
}

}  // namespace

TagsById read_tags(const std::filesystem::path& path, const FileSystem& files) {
  return path.extension() == ".pt" ? read_torch(path, files) : read_lines(path, files);
}

}  // namespace tandem::regions
