#include <algorithm>
#include <optional>

#include "core/fail.h"
#include "datasets/caption_line.h"
#include "datasets/formats.h"
#include "datasets/text_file.h"

namespace tandem::datasets {
namespace {

namespace fs = std::filesystem;

std::vector<std::size_t> read_list(const FileSystem& files, const ParallelTexts& data,
                                   DatasetBuilder& builder) {
  const TextFile list(files, data.list);
  TextLines lines = list.lines();
  std::vector<std::size_t> images;
  for (std::string_view line; lines.next(line);) {
    const std::string name(line.substr(0, line.find('#')));
    images.push_back(builder.add_image({name, name, {}}, data.split, lines.place()));
  }
  return images;
}

// "test_2016_flickr" of "test_2016_flickr.txt" and "train" of "train_images.txt".
std::string stem_of(const fs::path& list) {
  constexpr std::string_view kEnding = "_images";
  std::string stem = list.stem().string();
  if (stem.ends_with(kEnding)) stem.resize(stem.size() - kEnding.size());
  return stem;
}

// The language of STEM.LANG or STEM.N.LANG; nothing for another name.
std::optional<std::string> language_of(const fs::path& name, const std::string& stem) {
  const std::string language = name.extension().string().substr(name.has_extension() ? 1 : 0);
  if (!is_language_code(language)) return std::nullopt;
  const std::string rest = name.stem().string();
  if (rest == stem) return language;
  const bool is_numbered = rest.size() > stem.size() + 1 && rest.starts_with(stem + ".") &&
                           std::all_of(rest.begin() + static_cast<std::ptrdiff_t>(stem.size()) + 1,
                                       rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_numbered ? std::optional(language) : std::nullopt;
}

std::vector<fs::path> names_in(const FileSystem& files, const fs::path& folder) {
  return files.status(folder).kind == FileKind::kFolder ? files.list(folder) : std::vector<fs::path>();
}

ParallelTexts with_texts(const FileSystem& files, const fs::path& list) {
  ParallelTexts data{.list = list, .split = stem_of(list), .texts = {}};
  const fs::path folder = list.parent_path();
  for (const fs::path& place : {folder, folder / "raw", folder.parent_path() / "raw"}) {
    for (const fs::path& name : names_in(files, place)) {
      if (const auto language = language_of(name, data.split))
        data.texts.push_back({place / name, *language});
    }
  }
  return data;
}

}  // namespace

void read_parallel_texts(const FileSystem& files, const ParallelTexts& data, DatasetBuilder& builder) {
  const std::vector<std::size_t> images = read_list(files, data, builder);
  for (const ParallelTexts::File& text : data.texts) {
    const TextFile file(files, text.path);
    TextLines lines = file.lines();
    for (std::string_view line; lines.next(line);) {
      if (lines.number() > images.size()) break;
      builder.add_caption(images[lines.number() - 1], {std::string(line), text.language}, {}, lines.place());
    }
    if (lines.number() == images.size()) continue;
    fail(ErrorCode::kBadFormat,
         "{}: {} {} lines as there are pictures in {} are wanted; do the files belong "
         "together?",
         text.path.string(), lines.number() > images.size() ? "has more than" : "ends before", images.size(),
         data.list.string());
  }
}

std::vector<ParallelTexts> find_parallel_texts(const FileSystem& files, const fs::path& place) {
  std::vector<fs::path> lists;
  if (files.status(place).kind == FileKind::kFolder) {
    for (const fs::path& folder : {place, place / "image_splits"}) {
      for (const fs::path& name : names_in(files, folder)) {
        if (name.extension() == ".txt") lists.push_back(folder / name);
      }
    }
  } else {
    lists.push_back(place);
  }
  std::vector<ParallelTexts> found;
  for (const fs::path& list : lists) {
    ParallelTexts data = with_texts(files, list);
    if (!data.texts.empty()) found.push_back(std::move(data));
  }
  return found;
}

}  // namespace tandem::datasets
