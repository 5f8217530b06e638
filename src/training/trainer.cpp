// The public entry point of this room.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/fail.h"
#include "training/batches.h"
#include "training/loop.h"
#include "training/sources.h"

namespace tandem {
namespace {

using namespace training;

constexpr const char* kLock = "lock";
constexpr std::size_t kTextsAtOnce = 256;

// "en, de".
template <typename Names>
std::string list_of(const Names& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

void tell_of_heads(const TrainedModel& model, TrainingObserver& observer) {
  if (model.new_parameters().empty()) return;
  observer.on_note("not in the checkpoint, and begun anew: " + list_of(model.new_parameters()));
}

// Nobody means to put a training among the pictures that it reads, or into a gallery. A lock alone is what a
// training left that could not begin; beside other files it may be that of a gallery.
void require_own_folder(const std::filesystem::path& folder, const FileSystem& files) {
  const auto is_ours = [](const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    return name == "checkpoint.safetensors" || name == "metrics.jsonl" || name == "train.json" ||
           name.ends_with(".rows");
  };
  auto found = files.list(folder);
  std::erase_if(found, [](const std::filesystem::path& file) { return file.filename() == kLock; });
  if (found.empty() || std::ranges::any_of(found, is_ours)) return;
  fail(ErrorCode::kInvalidArgument, "{}: has other files, {} for example; name a new folder for the training",
       folder.string(), found.front().filename().string());
}

void require_languages(const Dataset& data, const std::vector<std::string>& languages) {
  std::set<std::string> there;
  for (const DatasetCaption& caption : data.captions) there.insert(caption.text.language);
  for (const std::string& language : languages) {
    if (there.contains(language)) continue;
    fail(ErrorCode::kInvalidArgument, "training: no caption is in the language \"{}\"; there are: {}",
         language, list_of(there));
  }
}

void tell_of_data(const TrainingSet& set, const TrainingSet& dev, const TrainingOptions& options,
                  TrainingObserver& observer) {
  observer.on_note(fmt::format("{} pictures with {} captions to train on, {} with {} to choose by",
                               set.images().size(), set.used_captions().size(), dev.images().size(),
                               dev.used_captions().size()));
  const std::size_t wanted = std::max(options.batch_size, positives_of(options));
  if (wanted <= set.images().size()) return;
  observer.on_note(fmt::format("batches have at most {} pairs instead of {}: a picture is in one once",
                               set.images().size(), wanted));
}

// The tags of all views of all pictures.
void add_tags(std::vector<TokenIds>& texts, const TrainingSet& set, const Pictures& pictures) {
  for (const std::size_t image : set.images()) {
    std::vector<View> views;
    for (std::size_t view = 0; view < pictures.views(); ++view)
      views.push_back({.image = image, .view = view});
    for (const auto& [members, batch] : pictures.read(views)) {
      if (!batch.text.defined()) continue;
      for (const at::Tensor& row : batch.text.unbind(0)) {
        const at::Tensor words = row.masked_select(row.ge(0)).to(at::kInt).contiguous();
        texts.emplace_back(words.data_ptr<std::int32_t>(), words.data_ptr<std::int32_t>() + words.numel());
      }
    }
  }
}

// In an order and in batches of the data alone, so that a run that goes on has the same values.
void keep_texts(TrainedModel& model, const TrainingSet& set, const Pictures& pictures,
                TrainingObserver& observer, const std::stop_token& stop) {
  std::vector<TokenIds> texts;
  for (const std::size_t caption : set.used_captions()) texts.push_back(set.captions()[caption]);
  add_tags(texts, set, pictures);
  std::ranges::sort(texts, {}, [](const TokenIds& text) { return std::pair(text.size(), text); });
  texts.erase(std::ranges::unique(texts).begin(), texts.end());
  for (std::size_t first = 0; first < texts.size(); first += kTextsAtOnce) {
    if (stop.stop_requested()) fail(ErrorCode::kCancelled, "training: stopped");
    observer.on_progress("texts through the frozen stem", first, texts.size());
    const auto count = std::min(kTextsAtOnce, texts.size() - first);
    model.keep_texts(std::span(texts).subspan(first, count));
  }
  observer.on_progress("texts through the frozen stem", texts.size(), texts.size());
}

}  // namespace

Trainer::Trainer(std::filesystem::path model, TrainingOptions options)
    : model_(std::move(model)), options_(std::move(options)) {
  options_.validate();
}

TrainingResult Trainer::run(const Dataset& train, const Dataset& all_dev, const std::filesystem::path& out,
                            TrainingObserver* watching, std::stop_token stop) {
  FileSystem& files = FileSystem::system();
  TrainingObserver silent;
  TrainingObserver& observer = watching != nullptr ? *watching : silent;
  const std::filesystem::path folder = absolute_path(out);
  require_languages(train, options_.languages);
  create_folders(files, folder);
  require_own_folder(folder, files);
  const Dataset dev = first_pictures(all_dev, options_.languages, options_.dev_pictures);
  if (dev.images.size() < 2) {
    fail(
        ErrorCode::kInvalidArgument,
        "training: {} pictures of the development set have a caption in the languages; at least 2 are needed",
        dev.images.size());
  }
  const auto processes = Processes::from_environment();
  const bool first = processes->rank() == 0;
  const auto lock = first ? files.lock(folder / kLock, "tandem train") : nullptr;

  TrainedModel model(model_, options_, files);
  tell_of_heads(model, observer);
  const TrainingOptions dev_options = without_augmentation(options_);
  const SourceContext train_context{options_, folder, files, observer, stop};
  const SourceContext dev_context{dev_options, folder, files, observer, stop};
  // The first one computes what the others then find on disk.
  if (!first) processes->any(false);
  const auto pictures = open_pictures(train, model, train_context);
  const auto dev_pictures = open_pictures(dev, model, dev_context);
  const TrainingSet set(train, options_.languages, model.tokenizer(), *pictures, options_.language_exponent);
  // A part without pairs would have no gradients to add.
  const std::size_t mined = options_.mined_steps > 0 ? options_.mined_batch_size : options_.batch_size;
  const std::size_t pairs =
      std::min({options_.batch_size, positives_of(options_), mined, set.images().size()});
  if (pairs < processes->count()) {
    fail(ErrorCode::kInvalidArgument, "training: a batch of {} pairs for {} processes; give one pair to each",
         pairs, processes->count());
  }
  const TrainingSet dev_set(dev, options_.languages, model.tokenizer(), *dev_pictures);
  tell_of_data(set, dev_set, options_, observer);
  const DevScore dev_score(dev_set, *dev_pictures, dev_options);
  std::optional<Teacher> teacher;
  if (options_.distill_steps > 0 && !options_.teacher.empty()) teacher.emplace(train, train_context);
  if (first) processes->any(false);
  Steps steps({.model = model,
               .pictures = *pictures,
               .teacher = teacher ? teacher->model() : model,
               .teacher_pictures = teacher ? teacher->pictures() : *pictures,
               .teacher_captions = teacher ? teacher->captions() : set.captions(),
               .set = set,
               .options = options_,
               .processes = *processes});
  if (options_.keep_texts) keep_texts(model, set, *pictures, observer, stop);
  Loop loop({.model = model,
             .steps = steps,
             .dev_score = dev_score,
             .pictures = *pictures,
             .set = set,
             .options = options_,
             .processes = *processes,
             .folder = folder,
             .identity = to_json(options_) + model.fingerprint() + fingerprint_of(train, files) +
                         fingerprint_of(dev, files),
             .files = files,
             .observer = observer,
             .stop = stop});
  if (first) replace_file(files, folder / "train.json", to_json(options_));
  return loop.run();
}

}  // namespace tandem
