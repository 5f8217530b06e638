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

std::string fingerprint_of(const Dataset& dataset) {
  Fingerprint fingerprint;
  for (const DatasetImage& image : dataset.images) fingerprint.update(image.id + '\n');
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
