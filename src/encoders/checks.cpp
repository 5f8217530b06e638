#include "encoders/checks.h"

#include <cmath>

#include "core/fail.h"

namespace tandem::encoders {

void check_stop(const std::stop_token& stop) {
  if (stop.stop_requested()) fail(ErrorCode::kCancelled, "encoding: cancelled on request");
}

std::shared_ptr<const Model> require_model(std::shared_ptr<const Model> model) {
  if (!model)
    fail(ErrorCode::kInvalidArgument, "encoder: there is no model; pass what Model::load() returns");
  return model;
}

void require_finite(std::span<const float> values, const Model& model, const std::string& input) {
  if (std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) return;
  fail(ErrorCode::kBackend, "{}: {} gives a value that is not finite; check the model's weights for NaN",
       model.info().path.string(), input);
}

void require_count(std::size_t found, std::size_t wanted, const Model& model) {
  if (found == wanted) return;
  fail(ErrorCode::kBackend, "{}: the model gave {} values where {} are wanted", model.info().path.string(),
       found, wanted);
}

std::string name_text(std::size_t index, const Text& text) {
  constexpr std::size_t kShown = 60;
  std::string shown = text.text.substr(0, kShown);
  if (text.text.size() > kShown) shown += "...";
  return fmt::format("text {} (\"{}\")", index + 1, shown);
}

std::string name_picture(std::size_t index, std::size_t count) {
  return fmt::format("picture {} of {}", index + 1, count);
}

ImageInput to_input(const Model& model, const Image& image) { return model.preprocess(image); }

ImageInput to_input(const Model& model, const Picture& picture) {
  if (const auto* regions = std::get_if<Regions>(&picture)) return *regions;
  return model.preprocess(std::get<Image>(picture));
}

}  // namespace tandem::encoders
