// Pictures as a frozen tower gives them, computed once.
#include <algorithm>
#include <deque>
#include <future>
#include <iterator>
#include <numeric>
#include <utility>

#include "core/fail.h"
#include "core/hash.h"
#include "core/thread_pool.h"
#include "models/library_errors.h"
#include "training/picture_input.h"
#include "training/pictures.h"
#include "training/tower_rows.h"

namespace tandem::training {
namespace {

constexpr std::size_t kTowerBatch = 16;  // as many are decoded ahead

// All that the rows depend on.
std::string fingerprint_of(const Dataset& dataset, const TrainedModel& model, const TrainingOptions& options,
                           const FileSystem& files) {
  Fingerprint fingerprint;
  fingerprint.update(model.tower_fingerprint());
  for (const DatasetImage& image : dataset.images) {
    const FileStatus status = files.status(image.file);
    fingerprint.update(image.file.string() + '\n' + std::to_string(status.bytes) + ' ' +
                       std::to_string(status.modified_ns));
  }
  const AugmentationOptions& augmentation = options.augmentation;
  fingerprint.update(std::to_string(augmentation.views) + ' ' + std::to_string(augmentation.crop) + ' ' +
                     std::to_string(augmentation.colour) + ' ' + std::to_string(augmentation.flip) + ' ' +
                     std::to_string(options.seed));
  return fingerprint.hex();
}

class TowerPictures final : public Pictures {
 public:
  TowerPictures(TowerRows rows, TowerShape shape, std::size_t views)
      : rows_(std::move(rows)), shape_(shape), views_(views) {
    for (std::size_t i = 0; i < rows_.count(); i += views) readable_.push_back(rows_.read(i).readable);
  }

  std::vector<models::ImageGroup> read(std::span<const View> views) const override {
    std::vector<TowerRow> rows;
    for (const View& view : views) {
      rows.push_back(rows_.read(view.image * views_ + view.view % views_));
      if (view.without_tags) rows.back().text.clear();
    }
    std::vector<std::size_t> members(rows.size());
    std::iota(members.begin(), members.end(), std::size_t{0});
    return {{std::move(members), batch(rows)}};
  }

  bool is_readable(std::size_t image) const override { return readable_[image]; }
  std::size_t views() const override { return views_; }

 private:
  models::ImageBatch batch(std::span<const TowerRow> rows) const {
    const auto count = std::ssize(rows);
    models::ImageBatch batch = models::from_tower(torch::empty({count, shape_.rows, shape_.width}));
    float* features = batch.features.data_ptr<float>();
    for (const TowerRow& row : rows) features = std::ranges::copy(row.features, features).out;
    std::size_t longest = 0;
    for (const TowerRow& row : rows) longest = std::max(longest, row.text.size());
    if (longest == 0) return batch;
    batch.text = torch::full({count, static_cast<std::int64_t>(longest)}, -1, at::kLong);
    auto* ids = batch.text.data_ptr<std::int64_t>();
    for (const TowerRow& row : rows) {
      std::ranges::copy(row.text, ids);
      ids += longest;
    }
    return batch;
  }

  TowerRows rows_;
  TowerShape shape_;
  std::size_t views_;
  std::vector<bool> readable_;
};

models::ImageBatch compute(const TrainedModel& model, const models::ImageBatch& pixels) {
  const at::NoGradGuard no_grad;
  return model.network().read_tower(
      {.pixels = pixels.pixels.to(model.device()), .features = {}, .boxes = {}, .text = {}});
}

TowerRow to_row(const models::ImageBatch& read, std::int64_t place) {
  const at::Tensor features = read.features[place].to(at::kCPU, at::kFloat).contiguous();
  TowerRow row{.readable = true, .features = {}, .text = {}};
  row.features.assign(features.data_ptr<float>(), features.data_ptr<float>() + features.numel());
  if (read.text.defined()) {
    const at::Tensor ids = read.text[place].to(at::kCPU, at::kInt).contiguous();
    const std::span<const std::int32_t> all(ids.data_ptr<std::int32_t>(),
                                            static_cast<std::size_t>(ids.numel()));
    // Without what fills the batch up.
    std::ranges::copy_if(all, std::back_inserter(row.text), [](std::int32_t id) { return id >= 0; });
  }
  return row;
}

class TowerRun {
 public:
  TowerRun(const Dataset& dataset, const MayFlip& may_flip, const TrainedModel& model,
           const TrainingOptions& options, const FileSystem& files)
      : model_(model),
        input_(dataset, may_flip, model.image_reader(), options, files),
        views_(options.augmentation.views),
        count_(dataset.images.size() * views_) {}

  // Of what the tower gives, from any picture that can be read.
  TowerShape shape() const {
    for (std::size_t row = 0; row < count_; row += views_) {
      try {
        const auto groups = model_.image_reader().group(std::vector{input(row)});
        const at::Tensor features = compute(model_, groups.front().batch).features;
        return {static_cast<std::uint32_t>(features.size(1)), static_cast<std::uint32_t>(features.size(2)),
                static_cast<std::uint32_t>(model_.tokenizer().max_length())};
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kBackend) throw;
      }
    }
    fail(ErrorCode::kInvalidArgument, "not one of the {} pictures can be read", count_ / views_);
  }

  void fill(TowerRows& rows, TrainingObserver& observer, const std::stop_token& stop) {
    std::deque<std::future<ImageInput>> ahead;
    std::size_t submitted = rows.count();
    for (std::size_t row = rows.count(); row < count_; row = std::min(row + kTowerBatch, count_)) {
      for (; submitted < std::min(row + 2 * kTowerBatch, count_); ++submitted) {
        ahead.push_back(pool_.submit([this, submitted] { return input(submitted); }));
      }
      if (stop.stop_requested()) fail(ErrorCode::kCancelled, "stopped; what the tower gave so far is kept");
      const std::size_t end = std::min(row + kTowerBatch, count_);
      for (const TowerRow& computed : next(ahead, end - row, observer)) rows.append(computed);
      observer.on_progress("pictures through the frozen tower", end, count_);
    }
    rows.finish();
  }

 private:
  ImageInput input(std::size_t row) const {
    return input_({.image = row / views_, .view = row % views_, .without_tags = false});
  }

  std::vector<TowerRow> next(std::deque<std::future<ImageInput>>& ahead, std::size_t count,
                             TrainingObserver& observer) const {
    std::vector<TowerRow> rows(count);
    std::vector<std::size_t> places;  // of those that could be read
    std::vector<ImageInput> inputs;
    for (std::size_t i = 0; i < count; ++i) {
      std::future<ImageInput> input = std::move(ahead.front());
      ahead.pop_front();
      try {
        inputs.push_back(input.get());
        places.push_back(i);
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kBackend) throw;
        observer.on_note(std::string("left out: ") + error.what());
      }
    }
    if (inputs.empty()) return rows;
    for (const auto& [members, batch] : model_.image_reader().group(inputs)) {
      const models::ImageBatch read = compute(model_, batch);
      for (std::size_t i = 0; i < members.size(); ++i) {
        rows[places[members[i]]] = to_row(read, static_cast<std::int64_t>(i));
      }
    }
    return rows;
  }

  const TrainedModel& model_;
  PictureInput input_;
  std::size_t views_;
  std::size_t count_;
  ThreadPool pool_{1};  // last: its tasks read the others
};

}  // namespace

std::unique_ptr<Pictures> read_tower(const Dataset& dataset, const MayFlip& may_flip,
                                     const TrainedModel& model, const TrainingOptions& options,
                                     const std::filesystem::path& folder, FileSystem& files,
                                     TrainingObserver& observer, const std::stop_token& stop) {
  return models::with_typed_errors(folder.string(), [&] {
    const std::string fingerprint = fingerprint_of(dataset, model, options, files);
    TowerRun run(dataset, may_flip, model, options, files);
    const TowerShape shape = run.shape();
    TowerRows rows(folder / ("tower-" + fingerprint.substr(0, 8) + ".rows"), shape, fingerprint, files);
    run.fill(rows, observer, stop);
    return std::make_unique<TowerPictures>(std::move(rows), shape, options.augmentation.views);
  });
}

}  // namespace tandem::training
