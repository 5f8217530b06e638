#include "training/sources.h"

#include <utility>

#include "core/fail.h"
#include "core/hash.h"

namespace tandem::training {
namespace {

TrainingOptions teacher_options(const TrainingOptions& student) {
  TrainingOptions options = without_augmentation(student);
  options.task = TrainingTask::kCe;
  options.dropout = 0;
  options.freeze.clear();
  options.freeze_tower = false;
  return options;
}

}  // namespace

std::unique_ptr<Pictures> open_pictures(const Dataset& dataset, const TrainedModel& model,
                                        const SourceContext& context) {
  const TrainingOptions& options = context.options;
  // A mirrored picture needs every caption looked through.
  MayFlip flips = options.augmentation.flip ? may_flip(dataset) : MayFlip(dataset.images.size(), false);
  if (!options.freeze_tower) return read_pictures(dataset, std::move(flips), model, options, context.files);
  return read_tower(dataset, flips, model, options, context.folder, context.files, context.observer,
                    context.stop);
}

TrainingOptions without_augmentation(TrainingOptions options) {
  options.augmentation = {};
  options.drop_tags = 0;
  return options;
}

Dataset first_pictures(const Dataset& data, const std::vector<std::string>& languages, std::size_t count) {
  std::vector<bool> has_caption(data.images.size());
  for (const DatasetCaption& caption : data.captions) {
    if (is_in(caption, languages)) has_caption[caption.image] = true;
  }
  Dataset first;
  std::vector<std::optional<std::size_t>> places(data.images.size());
  for (std::size_t i = 0; i < data.images.size() && first.images.size() < count; ++i) {
    if (!has_caption[i]) continue;
    places[i] = first.images.size();
    first.images.push_back(data.images[i]);
  }
  for (const DatasetCaption& caption : data.captions) {
    if (!places[caption.image]) continue;
    first.captions.push_back(caption);
    first.captions.back().image = *places[caption.image];
  }
  return first;
}

std::string fingerprint_of(const Dataset& dataset, const FileSystem& files) {
  Fingerprint fingerprint;
  for (const DatasetImage& image : dataset.images) {
    fingerprint.update(image.id + ' ' + std::to_string(files.status(image.file).bytes) + '\n');
  }
  for (const DatasetCaption& caption : dataset.captions) {
    fingerprint.update(std::to_string(caption.image) + ' ' + caption.text.language + ' ' + caption.text.text +
                       '\n');
  }
  return fingerprint.hex();
}

Teacher::Teacher(const Dataset& dataset, const SourceContext& context)
    : options_(teacher_options(context.options)), model_(options_.teacher, options_, context.files) {
  if (!model_.new_parameters().empty()) {
    fail(ErrorCode::kUnsupported, "{}: has no match to teach", options_.teacher.string());
  }
  // What it gives of a picture never changes.
  options_.freeze_tower = !model_.network().tower().empty();
  pictures_ = open_pictures(dataset, model_,
                            {options_, context.folder, context.files, context.observer, context.stop});
  for (const DatasetCaption& caption : dataset.captions) {
    captions_.push_back(model_.tokenizer().encode(caption.text.text));
  }
}

}  // namespace tandem::training
