#include "datasets/load.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "datasets/formats.h"

namespace tandem {
namespace datasets {
namespace {

namespace fs = std::filesystem;

// What there is to read: files of one format.
struct Source {
  DatasetFormat format = DatasetFormat::kJsonLines;
  fs::path file;                     // of all formats but one
  std::vector<ParallelTexts> texts;  // Multi30k
};

std::optional<DatasetFormat> format_of(const fs::path& file) {
  const fs::path ending = file.extension();
  if (ending == ".jsonl") return DatasetFormat::kJsonLines;
  if (ending == ".json") return DatasetFormat::kKarpathy;
  if (ending == ".csv" || ending == ".tsv") return DatasetFormat::kTable;
  if (ending == ".txt") return DatasetFormat::kMulti30k;
  return std::nullopt;
}

Source source_in_file(const FileSystem& files, const fs::path& file, const DatasetOptions& options) {
  const auto format = options.format ? options.format : format_of(file);
  if (!format) {
    fail(ErrorCode::kInvalidArgument,
         "{}: of which format is it? its name ends in none of .jsonl .json .csv .tsv .txt; name the format",
         file.string());
  }
  Source source{.format = *format, .file = file, .texts = {}};
  if (*format != DatasetFormat::kMulti30k) return source;
  source.texts = find_parallel_texts(files, file);
  if (source.texts.empty()) {
    fail(ErrorCode::kNotFound,
         "{}: there are no texts to this list of pictures, like {}.en beside it or in raw/", file.string(),
         file.stem().string());
  }
  return source;
}

// Files of one format in a folder. A .tsv may be of regions, and a .json of anything: they have names.
std::vector<fs::path> files_in(const std::vector<fs::path>& names, DatasetFormat format) {
  std::vector<fs::path> found;
  for (const fs::path& name : names) {
    const std::string stem = name.stem().string();
    const bool named = format == DatasetFormat::kKarpathy ? stem.starts_with("dataset") : stem == "captions";
    if (named && format_of(name) == format) found.push_back(name);
  }
  return found;
}

Source source_in_folder(const FileSystem& files, const fs::path& folder, const DatasetOptions& options) {
  const std::vector<fs::path> names = files.list(folder);
  std::vector<Source> sources;
  for (const DatasetFormat format :
       {DatasetFormat::kJsonLines, DatasetFormat::kKarpathy, DatasetFormat::kTable}) {
    for (const fs::path& name : files_in(names, format)) sources.push_back({format, folder / name, {}});
  }
  if (auto texts = find_parallel_texts(files, folder); !texts.empty()) {
    sources.push_back({DatasetFormat::kMulti30k, folder, std::move(texts)});
  }
  if (options.format) std::erase_if(sources, [&](const Source& s) { return s.format != options.format; });
  if (sources.size() == 1) return std::move(sources.front());
  if (sources.empty()) {
    fail(ErrorCode::kInvalidArgument,
         "{}: has no {}captions.jsonl, dataset_*.json, captions.csv, captions.tsv, or lists STEM.txt with "
         "texts "
         "STEM.en; name the file",
         folder.string(), options.format ? "data of this format: " : "");
  }
  fail(ErrorCode::kInvalidArgument, "{}: has several sets of captions, {} and {}; name one of the files",
       folder.string(), sources[0].file.filename().string(), sources[1].file.filename().string());
}

void read(const FileSystem& files, const Source& source, DatasetBuilder& builder) {
  switch (source.format) {
    case DatasetFormat::kJsonLines:
      return read_json_lines(files, source.file, builder);
    case DatasetFormat::kKarpathy:
      return read_karpathy(files, source.file, builder);
    case DatasetFormat::kMulti30k:
      for (const ParallelTexts& texts : source.texts) read_parallel_texts(files, texts, builder);
      return;
    case DatasetFormat::kTable:
      return read_table(files, source.file, builder);
  }
}

}  // namespace

LoadedDataset load_dataset(const FileSystem& files, const fs::path& path, const DatasetOptions& options) {
  options.validate();
  if (!options.regions.empty() && !options.images.empty()) {
    fail(ErrorCode::kInvalidArgument, "pictures are named as photos and as regions; leave one of them out");
  }
  const fs::path place = absolute_path(path);
  const FileKind kind = files.status(place).kind;
  if (kind == FileKind::kMissing) fail(ErrorCode::kNotFound, "{}: no such file or folder", place.string());
  const Source source = kind == FileKind::kFolder ? source_in_folder(files, place, options)
                                                  : source_in_file(files, place, options);
  DatasetBuilder builder(source.format);
  read(files, source, builder);
  const fs::path beside = kind == FileKind::kFolder ? place : place.parent_path();
  const PictureFiles pictures = options.regions.empty() ? PictureFiles(files, options.images, beside)
                                                        : PictureFiles::of_regions(files, options.regions);
  return std::move(builder).finish(options, pictures, place.string());
}

}  // namespace datasets

LoadedDataset load_dataset(const std::filesystem::path& path, const DatasetOptions& options) {
  return datasets::load_dataset(FileSystem::system(), path, options);
}

}  // namespace tandem
