// Regions of an object detector: checked, cut to the model's limit, grouped by their number.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/fail.h"
#include "models/detector.h"
#include "models/group_by.h"
#include "models/image_reader.h"

namespace tandem::models {
namespace {

constexpr std::int64_t kBoxNumbers = 6;

class RegionReader final : public ImageReader {
 public:
  RegionReader(const RegionSpec& spec, const std::string& model, std::shared_ptr<const Tokenizer> tokenizer,
               std::unique_ptr<const Detector> detector)
      : spec_(spec), model_(model), tokenizer_(std::move(tokenizer)), detector_(std::move(detector)) {}

  ImageInput preprocess(const Image& image) const override;
  std::vector<ImageGroup> group(std::span<const ImageInput> images) const override;
  std::string fingerprint() const override { return detector_ ? detector_->fingerprint() : "regions"; }

 private:
  const Regions& checked(const ImageInput& image) const;
  std::size_t count(const Regions& regions) const {
    return std::min(regions.boxes.rows(), spec_.max_regions);
  }
  TokenIds own_text(const Regions& regions) const;
  ImageBatch batch(std::span<const ImageInput> images, std::span<const TokenIds> texts,
                   std::span<const std::size_t> members) const;

  RegionSpec spec_;
  std::string model_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<const Detector> detector_;
};

ImageInput RegionReader::preprocess(const Image& image) const {
  if (detector_) return detector_->find(image, spec_.max_regions, spec_.feature_width);
  fail(ErrorCode::kUnsupported,
       "{}: this model reads region features, not photos; give region files (.npz, .tsv, .pt) or a detector",
       model_);
}

bool all_finite(const Matrix& matrix) {
  return std::all_of(matrix.data(), matrix.data() + matrix.size(),
                     [](float value) { return std::isfinite(value); });
}

const Regions& RegionReader::checked(const ImageInput& image) const {
  const auto* regions = std::get_if<Regions>(&image);
  if (regions == nullptr) {
    fail(ErrorCode::kInvalidArgument, "{}: this model reads region features, not pixels", model_);
  }
  const Matrix& features = regions->features;
  if (features.rows() == 0 || features.columns() != spec_.feature_width) {
    fail(ErrorCode::kInvalidArgument, "{}: region features of {} x {}; at least 1 row of {} is wanted",
         model_, features.rows(), features.columns(), spec_.feature_width);
  }
  if (regions->boxes.rows() != features.rows() || regions->boxes.columns() != 4) {
    fail(ErrorCode::kInvalidArgument, "{}: boxes of {} x {}; {} x 4 are wanted, one for each region", model_,
         regions->boxes.rows(), regions->boxes.columns(), features.rows());
  }
  if (regions->image_width == 0 || regions->image_height == 0) {
    fail(ErrorCode::kInvalidArgument, "{}: regions of a picture of {} x {} pixels; give the picture's size",
         model_, regions->image_width, regions->image_height);
  }
  if (!all_finite(features) || !all_finite(regions->boxes)) {
    fail(ErrorCode::kInvalidArgument, "{}: region features or boxes that are not finite; extract them anew",
         model_);
  }
  return *regions;
}

TokenIds RegionReader::own_text(const Regions& regions) const {
  return tokenizer_->encode(spec_.tags ? regions.tags : "");
}

void write_box(std::span<const float> box, const Regions& regions, float* out) {
  const auto width = static_cast<float>(regions.image_width),
             height = static_cast<float>(regions.image_height);
  const std::array<float, kBoxNumbers> numbers = {
      box[0] / width,  box[1] / height,           box[2] / width,
      box[3] / height, (box[2] - box[0]) / width, (box[3] - box[1]) / height};
  std::ranges::copy(numbers, out);
}

ImageBatch RegionReader::batch(std::span<const ImageInput> images, std::span<const TokenIds> texts,
                               std::span<const std::size_t> members) const {
  const auto& first = std::get<Regions>(images[members.front()]);
  const auto batch = static_cast<std::int64_t>(members.size());
  const auto rows = static_cast<std::int64_t>(count(first));
  const auto width = static_cast<std::int64_t>(spec_.feature_width);
  const auto words = static_cast<std::int64_t>(texts[members.front()].size());
  ImageBatch result{.pixels = {},
                    .features = torch::empty({batch, rows, width}, at::kFloat),
                    .boxes = torch::empty({batch, rows, kBoxNumbers}, at::kFloat),
                    .text = torch::empty({batch, words}, at::kLong)};
  float* features = result.features.data_ptr<float>();
  float* boxes = result.boxes.data_ptr<float>();
  auto* text = result.text.data_ptr<std::int64_t>();
  for (const std::size_t member : members) {
    const auto& regions = std::get<Regions>(images[member]);
    features = std::copy_n(regions.features.data(), rows * width, features);
    for (std::int64_t row = 0; row < rows; ++row, boxes += kBoxNumbers) {
      write_box(regions.boxes.row(static_cast<std::size_t>(row)), regions, boxes);
    }
    text = std::ranges::copy(texts[member], text).out;
  }
  return result;
}

std::vector<ImageGroup> RegionReader::group(std::span<const ImageInput> images) const {
  std::vector<TokenIds> texts;
  const auto by_shape = group_by(images, [&](const ImageInput& image) {
    const Regions& regions = checked(image);
    texts.push_back(own_text(regions));
    return std::pair(count(regions), texts.back().size());
  });
  std::vector<ImageGroup> groups;
  for (const auto& [shape, members] : by_shape) groups.push_back({members, batch(images, texts, members)});
  return groups;
}

}  // namespace

std::unique_ptr<ImageReader> make_region_reader(const RegionSpec& spec, const std::string& model,
                                                std::shared_ptr<const Tokenizer> tokenizer,
                                                std::unique_ptr<const Detector> detector) {
  return std::make_unique<RegionReader>(spec, model, std::move(tokenizer), std::move(detector));
}

}  // namespace tandem::models
