#include "datasets/builder.h"

#include <functional>
#include <utility>

#include "core/fail.h"
#include "core/utf8.h"
#include "datasets/text_file.h"

namespace tandem::datasets {
namespace {

constexpr std::size_t kExamples = 5;
constexpr const char* kAll = "all";

void note(DatasetFinding& finding, const std::string& what) {
  ++finding.count;
  if (finding.examples.size() < kExamples) finding.examples.push_back(printable_utf8(what));
}

// "test, train"; a split without a name is not listed.
std::string names_of(const std::map<std::string, std::size_t>& splits) {
  std::string names;
  for (const auto& [name, count] : splits) names += (names.empty() ? "" : ", ") + name;
  return names;
}

std::size_t hash_of(std::size_t image, const Text& text, const std::string& sort) {
  return std::hash<std::string>{}(fmt::format("{} {} {} {}", image, text.language, sort, text.text));
}

}  // namespace

bool DatasetBuilder::names_often() const {
  return report_.format == DatasetFormat::kJsonLines || report_.format == DatasetFormat::kTable;
}

std::size_t DatasetBuilder::add_image(PictureName name, const std::string& split, const std::string& place) {
  if (name.id.empty()) fail(ErrorCode::kBadFormat, "{}: a picture without a name; mend the line", place);
  if (const auto offset = first_invalid_utf8(name.id)) {
    fail(ErrorCode::kBadFormat,
         "{}: the name of a picture is invalid UTF-8 at byte {}; save the file as UTF-8", place, *offset);
  }
  const std::string called = split_name(split);
  const auto [known, is_new] = numbers_.emplace(name.id, names_.size());
  if (is_new) {
    bare_.emplace(known->second, fmt::format("{}: {}", place, name.id));
    names_.push_back(std::move(name));
    splits_.push_back(called);
    return known->second;
  }
  std::string& first = splits_[known->second];
  if (first.empty()) first = called;
  if (!called.empty() && called != first) {
    note(report_.several_splits,
         fmt::format("{}: {} is in {}, and in {} before", place, known->first, called, first));
    return kElsewhere;
  }
  if (!names_often()) note(report_.repeated_ids, fmt::format("{}: {}", place, known->first));
  return known->second;
}

void DatasetBuilder::explain(std::size_t image, const std::string& why) {
  if (const auto found = bare_.find(image); found != bare_.end()) found->second += ", " + why;
}

void DatasetBuilder::add_caption(std::size_t image, Text text, const std::string& sort,
                                 const std::string& place) {
  if (image == kElsewhere) return;
  if (const auto offset = first_invalid_utf8(text.text)) {
    note(report_.invalid_utf8, fmt::format("{}: invalid at byte {} of the caption", place, *offset));
    return;
  }
  if (is_blank(text.text)) {
    note(report_.empty_captions, fmt::format("{}: of {}", place, names_[image].id));
    return;
  }
  // Two people may say the same of a picture, and published figures count both: such captions are told alone.
  if (names_often() && !said_.insert(hash_of(image, text, sort)).second) {
    note(report_.repeated_captions, fmt::format("{}: of {}", place, names_[image].id));
  }
  bare_.erase(image);
  captions_.push_back({{}, image, std::move(text), sort});
}

std::string DatasetBuilder::choose_split(const DatasetOptions& options, const std::string& place) const {
  const auto& splits = report_.splits;
  if (options.split) {
    const std::string wanted = split_name(*options.split);
    if (wanted == kAll || splits.contains(wanted)) return wanted;
    if (splits.size() == 1 && splits.contains("")) {
      fail(ErrorCode::kInvalidArgument,
           "{}: has no split \"{}\", for its pictures are in none; give each a \"split\" (in a table, a "
           "column of that name), or take all of them with the split \"all\"",
           place, wanted);
    }
    fail(ErrorCode::kInvalidArgument, "{}: has no split \"{}\"; there are: {}", place, wanted,
         names_of(splits));
  }
  if (splits.contains("test")) return "test";
  std::vector<std::string> tests;
  for (const auto& [name, count] : splits) {
    if (name.starts_with("test")) tests.push_back(name);
  }
  if (tests.size() == 1) return tests.front();
  if (splits.size() == 1) return kAll;
  fail(ErrorCode::kInvalidArgument, "{}: which split is wanted? name one of: {}; or all", place,
       names_of(splits));
}

LoadedDataset DatasetBuilder::finish(const DatasetOptions& options, const PictureFiles& files,
                                     const std::string& place) && {
  if (names_.empty()) fail(ErrorCode::kBadFormat, "{}: has no pictures", place);
  for (const std::string& split : splits_) ++report_.splits[split];
  const std::string split = choose_split(options, place);

  constexpr std::size_t kDropped = static_cast<std::size_t>(-1);
  std::vector<std::size_t> kept(names_.size(), kDropped);
  Dataset dataset;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (split != kAll && splits_[i] != split) continue;
    if (options.limit > 0 && dataset.images.size() == options.limit) break;
    const PictureFile picture = files.find(names_[i]);
    if (!picture.found) note(report_.missing_pictures, picture.file.string());
    if (const auto bare = bare_.find(i); bare != bare_.end()) note(report_.without_captions, bare->second);
    kept[i] = dataset.images.size();
    dataset.images.push_back({names_[i].id, picture.file, splits_[i]});
  }
  if (report_.missing_pictures.count == dataset.images.size()) {
    fail(ErrorCode::kNotFound, "{}: not one of its {} pictures is there, {} for example; name their folder",
         place, dataset.images.size(), report_.missing_pictures.examples.front());
  }
  std::vector<std::size_t> counts(dataset.images.size());
  for (DatasetCaption& caption : captions_) {
    const std::size_t image = kept[caption.image];
    if (image == kDropped) continue;
    caption.image = image;
    caption.id = fmt::format("{}#{}", dataset.images[image].id, counts[image]++);
    if (caption.text.language.empty()) caption.text.language = options.language;
    dataset.captions.push_back(std::move(caption));
  }
  return {std::move(dataset), std::move(report_)};
}

std::string split_name(const std::string& name) {
  if (name == "val" || name == "valid" || name == "validation") return "dev";
  return name == "restval" ? "train" : name;
}

}  // namespace tandem::datasets
