// Reading preprocessor_config.json.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/fail.h"
#include "image/preprocessor.h"

namespace tandem::image {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 32;
constexpr std::array<float, 3> kClipMean = {0.48145466f, 0.4578275f, 0.40821073f};
constexpr std::array<float, 3> kClipStd = {0.26862954f, 0.26130258f, 0.27577711f};
constexpr std::array<float, 3> kHalf = {0.5f, 0.5f, 0.5f};

// What a processor class takes where its file says nothing.
struct ProcessorClass {
  std::string_view name;  // without "ImageProcessor" or "FeatureExtractor"
  ResizeTarget size;
  bool integer_size_is_square;  // a bare integer as `size` means side × side, not the shortest edge
  bool crops;                   // the class has a centre crop
  bool do_center_crop;
  std::size_t crop_side;  // 0: none
  std::array<float, 3> mean;
  std::array<float, 3> std;
};

constexpr ResizeTarget square(std::size_t side) { return {.height = side, .width = side}; }

constexpr ResizeTarget edge(SizeRule rule, std::size_t side, std::size_t divisor = 1) {
  return {.rule = rule, .shortest_edge = side, .divisor = divisor};
}

constexpr ProcessorClass kClasses[] = {
    {"CLIP", edge(SizeRule::kShortestEdge, 224), false, true, true, 224, kClipMean, kClipStd},
    {"Blip", square(384), true, true, false, 0, kClipMean, kClipStd},
    {"Siglip", square(224), false, true, false, 0, kHalf, kHalf},
    {"Vilt", edge(SizeRule::kMultipleOfSide, 384, 32), false, false, false, 0, kHalf, kHalf},
    {"BridgeTower", edge(SizeRule::kMultipleOfSide, 288, 32), false, true, true, 288, kClipMean, kClipStd},
};

// The fields of one file, with its name in every message.
class Fields {
 public:
  Fields(std::string place, Json object) : place_(std::move(place)), object_(std::move(object)) {}

  // null counts as absent.
  const Json* find(const char* field) const {
    const auto found = object_.find(field);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  template <typename... Args>
  [[noreturn]] void bad(const char* field, fmt::format_string<Args...> wanted, Args&&... args) const {
    std::string value = object_.value(field, Json()).dump(-1, ' ', true, Json::error_handler_t::replace);
    if (value.size() > 60) value = value.substr(0, 60) + "...";
    fail(ErrorCode::kBadFormat, "{}: {} is {}; {}", place_, field, value,
         fmt::format(wanted, std::forward<Args>(args)...));
  }

  // Only here null is a value: in the reference it switches the step off.
  bool flag(const char* field, bool absent) const {
    const Json value = object_.value(field, Json(absent));
    if (value.is_null()) return false;
    if (!value.is_boolean()) bad(field, "true or false is wanted");
    return value.get<bool>();
  }

  double number(const char* field, double absent) const {
    const Json* value = find(field);
    if (value == nullptr) return absent;
    if (!value->is_number()) bad(field, "a number is wanted");
    return value->get<double>();
  }

  // A side in pixels: `value` is the field itself or a part of it.
  std::size_t side(const char* field, const Json& value) const {
    if (!value.is_number_integer() || value < 1 || value > 1'000'000) {
      bad(field, "a side is a whole number of pixels, 1 or more");
    }
    return value.get<std::size_t>();
  }

  std::array<float, 3> channels(const char* field, const std::array<float, 3>& absent) const {
    const Json* value = find(field);
    if (value == nullptr) return absent;
    std::array<float, 3> result;
    if (value->is_number()) {
      result.fill(static_cast<float>(value->get<double>()));
      return result;
    }
    if (!value->is_array() || value->size() != result.size()) bad(field, "three numbers are wanted, R, G, B");
    for (std::size_t c = 0; c < result.size(); ++c) {
      if (!(*value)[c].is_number()) bad(field, "three numbers are wanted, R, G, B");
      result[c] = static_cast<float>((*value)[c].get<double>());
    }
    return result;
  }

  std::string text(const char* field) const {
    const Json* value = find(field);
    if (value == nullptr) return {};
    if (!value->is_string()) bad(field, "a name is wanted");
    return value->get<std::string>();
  }

  const std::string& place() const { return place_; }

 private:
  std::string place_;
  Json object_;
};

// "CLIPImageProcessorFast", "CLIPFeatureExtractor" and "CLIPProcessor" are all of the class "CLIP".
std::string_view stem(std::string_view name) {
  for (const std::string_view suffix : {"Fast", "Pil"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  for (const std::string_view suffix : {"ImageProcessor", "FeatureExtractor"}) {
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  }
  return name;
}

const ProcessorClass& class_of(const Fields& fields, std::string_view default_class) {
  std::string name = fields.text("image_processor_type");
  if (name.empty()) name = fields.text("feature_extractor_type");
  if (name.empty()) name = default_class;
  if (name.empty()) {
    fail(ErrorCode::kBadFormat, "{}: names no image_processor_type; CLIPImageProcessor is one",
         fields.place());
  }
  for (const ProcessorClass& known : kClasses) {
    if (known.name == stem(name)) return known;
  }
  fail(ErrorCode::kUnsupported,
       "{}: image processor {} is not supported; those of CLIP, Blip, Siglip, Vilt and BridgeTower are",
       fields.place(), name);
}

// `size` of the classes that choose their rule by the keys that are there.
ResizeTarget size_by_keys(const Fields& fields, const Json& size) {
  const auto part = [&](const char* key) { return size.contains(key) ? fields.side("size", size[key]) : 0; };
  if (size.contains("shortest_edge")) {
    ResizeTarget target = edge(SizeRule::kShortestEdge, part("shortest_edge"));
    target.longest_edge = part("longest_edge");
    return target;
  }
  if (size.contains("height") && size.contains("width")) {
    return {.height = part("height"), .width = part("width")};
  }
  if (size.contains("max_height") && size.contains("max_width")) {
    return {.rule = SizeRule::kFitInside, .height = part("max_height"), .width = part("max_width")};
  }
  fields.bad("size", "height and width, or shortest_edge, or max_height and max_width are wanted");
}

ResizeTarget read_size(const Fields& fields, const ProcessorClass& known) {
  const Json* size = fields.find("size");
  if (known.size.rule == SizeRule::kMultipleOfSide) {
    ResizeTarget target = known.size;
    if (size != nullptr) {
      const bool keyed = size->is_object() && size->contains("shortest_edge");
      target.shortest_edge = fields.side("size", keyed ? (*size)["shortest_edge"] : *size);
    }
    if (const Json* divisor = fields.find("size_divisor"))
      target.divisor = fields.side("size_divisor", *divisor);
    return target;
  }
  if (size == nullptr) return known.size;
  if (size->is_object()) return size_by_keys(fields, *size);
  if (size->is_array() && size->size() == 2) {
    return {.height = fields.side("size", (*size)[0]), .width = fields.side("size", (*size)[1])};
  }
  const std::size_t side = fields.side("size", *size);
  return known.integer_size_is_square ? square(side) : edge(SizeRule::kShortestEdge, side);
}

Size read_crop_size(const Fields& fields, const ProcessorClass& known) {
  const Json* crop = fields.find("crop_size");
  if (crop == nullptr) {
    if (known.crop_side == 0) fields.bad("crop_size", "it is wanted with do_center_crop");
    return {known.crop_side, known.crop_side};
  }
  if (crop->is_array() && crop->size() == 2) {
    return {fields.side("crop_size", (*crop)[1]), fields.side("crop_size", (*crop)[0])};
  }
  if (crop->is_object() && crop->contains("height") && crop->contains("width")) {
    return {fields.side("crop_size", (*crop)["width"]), fields.side("crop_size", (*crop)["height"])};
  }
  const bool keyed = crop->is_object() && crop->contains("shortest_edge");
  const std::size_t side = fields.side("crop_size", keyed ? (*crop)["shortest_edge"] : *crop);
  return {side, side};
}

Filter read_filter(const Fields& fields) {
  const Json* value = fields.find("resample");
  if (value == nullptr) return Filter::kBicubic;
  if (!value->is_number_integer() || *value < 0 || *value > 5) {
    fields.bad("resample", "a filter of Pillow is wanted, 0 to 5");
  }
  return static_cast<Filter>(value->get<int>());
}

Fields read_fields(std::string_view text, const std::string& place) {
  // Deep nesting would exhaust the stack when the value is written into a message.
  const auto shallow = [&](int depth, Json::parse_event_t, const Json&) {
    if (depth > kMaxDepth) fail(ErrorCode::kBadFormat, "{}: is nested deeper than {}", place, kMaxDepth);
    return true;
  };
  Json object = Json::parse(text, shallow, /*allow_exceptions=*/false);
  if (!object.is_object()) fail(ErrorCode::kBadFormat, "{}: is not a JSON object", place);
  if (object.contains("image_processor") && object["image_processor"].is_object()) {
    object = Json(std::move(object["image_processor"]));
  }
  return {place, std::move(object)};
}

}  // namespace

PreprocessConfig parse_preprocessor_text(std::string_view text, const std::string& place,
                                         std::string_view default_class) {
  const Fields fields = read_fields(text, place);
  const ProcessorClass& known = class_of(fields, default_class);
  if (fields.find("pad_size") != nullptr && fields.flag("do_pad", false)) {
    fail(ErrorCode::kUnsupported, "{}: padding to pad_size is not supported", fields.place());
  }
  PreprocessConfig config;
  config.do_resize = fields.flag("do_resize", true);
  config.size = read_size(fields, known);
  config.resample = read_filter(fields);
  config.do_center_crop = known.crops && fields.flag("do_center_crop", known.do_center_crop);
  if (config.do_center_crop) config.crop_size = read_crop_size(fields, known);
  config.do_rescale = fields.flag("do_rescale", true);
  config.rescale_factor = fields.number("rescale_factor", 1.0 / 255);
  config.do_normalize = fields.flag("do_normalize", true);
  config.mean = fields.channels("image_mean", known.mean);
  config.std = fields.channels("image_std", known.std);
  try {
    config.validate();
  } catch (const Error& error) {
    fail(ErrorCode::kBadFormat, "{}: {}", fields.place(), error.what());
  }
  return config;
}

}  // namespace tandem::image
