#include "evaluation/tasks.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"

namespace tandem::evaluation {
namespace {

constexpr const char* kAll = "all";

bool belongs(const DatasetCaption& caption, const std::string& language) {
  return language == kAll ? caption.sort.empty() : group_of(caption) == language;
}

// The two tasks of a language and a fold, which has the pictures [first, first + count).
class TaskMaker {
 public:
  TaskMaker(const Dataset& dataset, const std::vector<bool>& present, const std::string& language)
      : present_(present), captions_of_(dataset.images.size()) {
    for (std::size_t c = 0; c < dataset.captions.size(); ++c) {
      if (belongs(dataset.captions[c], language)) captions_of_[dataset.captions[c].image].push_back(c);
    }
  }

  Task text_to_image(std::size_t first, std::size_t count) const {
    Task task;
    for (std::size_t image = first; image < first + count; ++image) {
      if (present_[image]) task.candidates.push_back(image);
      for (const std::size_t caption : captions_of_[image]) task.queries.push_back({caption, {image}, true});
    }
    std::ranges::sort(task.queries, {}, &Query::number);
    return task;
  }

  Task image_to_text(std::size_t first, std::size_t count) const {
    Task task;
    task.direction = RetrievalDirection::kImageToText;
    for (std::size_t image = first; image < first + count; ++image) {
      const auto& captions = captions_of_[image];
      task.candidates.insert(task.candidates.end(), captions.begin(), captions.end());
      if (!captions.empty()) task.queries.push_back({image, captions, present_[image]});
    }
    std::ranges::sort(task.candidates);
    return task;
  }

 private:
  const std::vector<bool>& present_;
  std::vector<std::vector<std::size_t>> captions_of_;
};

}  // namespace

std::string group_of(const DatasetCaption& caption) {
  return caption.sort.empty() ? caption.text.language : caption.text.language + "_" + caption.sort;
}

std::vector<std::string> choose_languages(const Dataset& dataset, const std::vector<std::string>& wanted) {
  std::vector<std::string> all;    // with those of sorts
  std::vector<std::string> plain;  // without
  for (const DatasetCaption& caption : dataset.captions) {
    const std::string group = group_of(caption);
    if (std::ranges::find(all, group) != all.end()) continue;
    all.push_back(group);
    if (caption.sort.empty()) plain.push_back(group);
  }
  if (all.empty())
    fail(ErrorCode::kInvalidArgument, "the dataset has no captions: nothing can be looked for");
  if (wanted.empty()) {
    if (plain.size() == 1) return plain;
    if (plain.empty()) return all;
    plain.emplace_back(kAll);
    return plain;
  }
  std::vector<std::string> chosen;  // each once: what is named twice is not evaluated twice
  for (const std::string& language : wanted) {
    if (language == kAll ? plain.empty() : std::ranges::find(all, language) == all.end()) {
      fail(ErrorCode::kInvalidArgument, "language \"{}\": there are no captions in it, but in {}", language,
           fmt::join(all, ", "));
    }
    if (std::ranges::find(chosen, language) == chosen.end()) chosen.push_back(language);
  }
  return chosen;
}

std::vector<Task> make_tasks(const Dataset& dataset, const std::vector<std::string>& languages,
                             const std::vector<bool>& present, std::size_t fold) {
  const std::size_t images = dataset.images.size();
  if (fold > images) {
    fail(ErrorCode::kInvalidArgument, "folds of {} pictures: there are {}; make them smaller", fold, images);
  }
  const std::size_t size = fold > 0 ? fold : images;
  std::vector<Task> tasks;
  for (const std::string& language : languages) {
    const TaskMaker maker(dataset, present, language);
    for (std::size_t i = 0; (i + 1) * size <= images; ++i) {
      for (Task task : {maker.text_to_image(i * size, size), maker.image_to_text(i * size, size)}) {
        if (task.queries.empty()) continue;
        task.language = language;
        task.fold = i;
        tasks.push_back(std::move(task));
      }
    }
  }
  return tasks;
}

}  // namespace tandem::evaluation
