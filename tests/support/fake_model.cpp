#include "support/fake_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "core/fail.h"
#include "core/utf8.h"

namespace tandem {
namespace {

using Colour = std::array<float, 3>;

constexpr std::int32_t kBegin = 0;
constexpr std::int32_t kEnd = 1;
constexpr std::int32_t kNan = 2;
constexpr std::int32_t kFirstColour = 3;
constexpr std::array<std::pair<const char*, Colour>, 10> kColours = {{{"red", {1, 0, 0}},
                                                                      {"green", {0, 1, 0}},
                                                                      {"blue", {0, 0, 1}},
                                                                      {"yellow", {1, 1, 0}},
                                                                      {"cyan", {0, 1, 1}},
                                                                      {"magenta", {1, 0, 1}},
                                                                      {"black", {0, 0, 0}},
                                                                      {"white", {1, 1, 1}},
                                                                      {"gray", {0.5f, 0.5f, 0.5f}},
                                                                      {"orange", {1, 0.5f, 0}}}};
constexpr std::int32_t kFirstWord = kFirstColour + static_cast<std::int32_t>(kColours.size());
constexpr std::int32_t kWords = 64;
constexpr std::array<std::uint8_t, 3> kNanColour = {13, 17, 19};

std::int32_t word_id(const std::string& word) {
  if (word == kNanWord) return kNan;
  for (std::size_t i = 0; i < kColours.size(); ++i) {
    if (word == kColours[i].first) return kFirstColour + static_cast<std::int32_t>(i);
  }
  std::uint32_t hash = 5381;
  for (const char c : word) hash = hash * 33 + static_cast<unsigned char>(c);
  return kFirstWord + static_cast<std::int32_t>(hash % kWords);
}

// The mean of the colour words; gray where there are none, NaN where a word asks for it.
Colour text_colour(const TokenIds& text) {
  Colour sum = {};
  float count = 0;
  for (const std::int32_t id : text) {
    if (id == kNan) return {std::nanf(""), std::nanf(""), std::nanf("")};
    if (id < kFirstColour || id >= kFirstWord) continue;
    const Colour& colour = kColours[static_cast<std::size_t>(id - kFirstColour)].second;
    for (std::size_t c = 0; c < 3; ++c) sum[c] += colour[c];
    ++count;
  }
  if (count == 0) return {0.5f, 0.5f, 0.5f};
  for (float& value : sum) value /= count;
  return sum;
}

// Colours around their middle, so that opposite colours have a negative cosine; gray is not nothing.
std::array<float, 4> colour_features(const Colour& colour) {
  return {colour[0] - 0.5f, colour[1] - 0.5f, colour[2] - 0.5f, 0.25f};
}

void normalise(std::span<float> row) {
  const float length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0f));
  for (float& value : row) value /= length;
}

Colour cell_colour(const PixelTensor& pixels, std::size_t cell) {
  const std::size_t cells = pixels.height * pixels.width;
  return {pixels.values[cell], pixels.values[cells + cell], pixels.values[2 * cells + cell]};
}

Colour mean_colour(const PixelTensor& pixels) {
  const std::size_t cells = pixels.height * pixels.width;
  Colour mean = {};
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const Colour colour = cell_colour(pixels, cell);
    for (std::size_t c = 0; c < 3; ++c) mean[c] += colour[c] / static_cast<float>(cells);
  }
  return mean;
}

// The first and the last pixel (exclusive) of cell `i` of `cells` over `size` pixels: never empty.
std::pair<std::size_t, std::size_t> cell_range(std::size_t i, std::size_t cells, std::size_t size) {
  const std::size_t first = i * size / cells;
  return {first, std::max(first + 1, (i + 1) * size / cells)};
}

// Regions as a row of cells.
PixelTensor pixels_of(const ImageInput& image) {
  if (const auto* pixels = std::get_if<PixelTensor>(&image)) return *pixels;
  const Matrix& features = std::get<Regions>(image).features;
  PixelTensor pixels{3, 1, features.rows(), {}};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < features.rows(); ++i) pixels.values.push_back(features.row(i)[c]);
  }
  return pixels;
}

Matrix embed_picture(const PixelTensor& pixels, std::size_t rows, std::size_t dimension) {
  const std::size_t cells = pixels.height * pixels.width;
  Matrix embedding(rows, dimension);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto row = embedding.row(r);
    const Colour colour = r == 0 ? mean_colour(pixels) : cell_colour(pixels, (r - 1) % cells);
    std::ranges::copy(colour_features(colour), row.begin());
    for (std::size_t d = 4; d < dimension; ++d)
      row[d] = 0.05f * pixels.values[(d - 4) % pixels.values.size()];
    normalise(row);
  }
  return embedding;
}

Matrix picture_tokens(const PixelTensor& pixels, std::size_t width, bool drop_black) {
  std::vector<Colour> colours;
  for (std::size_t cell = 0; cell < pixels.height * pixels.width; ++cell) {
    const Colour colour = cell_colour(pixels, cell);
    if (!drop_black || colour != Colour{}) colours.push_back(colour);
  }
  if (colours.empty()) colours.push_back({});
  Matrix tokens(colours.size(), width);
  for (std::size_t i = 0; i < colours.size(); ++i) {
    std::ranges::copy(colours[i], tokens.row(i).begin());
    for (std::size_t d = 3; d < width; ++d) tokens.row(i)[d] = static_cast<float>(i) / static_cast<float>(d);
  }
  return tokens;
}

}  // namespace

TokenIds FakeTokenizer::encode(std::string_view text) const {
  require_utf8(text, "text");
  TokenIds ids = {kBegin};
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  std::istringstream words(lower);
  for (std::string word; ids.size() + 1 < max_length() && words >> word;) ids.push_back(word_id(word));
  ids.push_back(kEnd);
  return ids;
}

std::size_t FakeTokenizer::vocabulary_size() const { return kFirstWord + kWords; }

FakeModel::FakeModel(FakeModelOptions options) : options_(std::move(options)) {
  if (options_.dimension < 4 || options_.token_width < 3 || options_.grid == 0 ||
      options_.embedding_rows == 0) {
    throw std::invalid_argument("FakeModelOptions: a size is too small");
  }
  const Capabilities& can = options_.capabilities;
  info_.family = options_.family;
  info_.path = options_.path;
  info_.capabilities = can;
  info_.embedding_dim = can.embed_text || can.embed_image ? options_.dimension : 0;
  info_.embedding_rows = options_.embedding_rows;
  info_.max_image_tokens = can.match ? options_.grid * options_.grid : 0;
  info_.image_token_width = can.match ? options_.token_width : 0;
  info_.reads_regions = options_.reads_regions;
  info_.reads_photos = !options_.reads_regions || options_.has_detector;
  info_.max_text_tokens = tokenizer_.max_length();
  info_.calibration = options_.calibration;
  info_.rerank_by_default = can.match && options_.rerank_by_default;
  info_.families = options_.families;
  info_.weights_fingerprint = options_.weights_fingerprint;
  info_.preprocessing_fingerprint = options_.preprocessing_fingerprint;
}

void FakeModel::begin(FakeCall call, std::size_t inputs) const {
  FakeCounts& counts = counts_[static_cast<std::size_t>(call)];
  ++counts.calls;
  counts.inputs += inputs;
  std::size_t largest = counts.largest;
  while (inputs > largest && !counts.largest.compare_exchange_weak(largest, inputs)) {
  }
  if (options_.on_call) options_.on_call(call, inputs);
}

ImageInput FakeModel::preprocess(const Image& image) const {
  begin(FakeCall::kPreprocess, 1);
  if (image.width == 0 || image.height == 0) fail(ErrorCode::kBadFormat, "the picture is empty");
  const std::size_t grid = options_.grid;
  PixelTensor pixels{3, grid, grid, std::vector<float>(3 * grid * grid)};
  const bool all_nan = std::equal(kNanColour.begin(), kNanColour.end(), image.rgb.begin());
  for (std::size_t cell = 0; cell < grid * grid; ++cell) {
    const auto [top, bottom] = cell_range(cell / grid, grid, image.height);
    const auto [left, right] = cell_range(cell % grid, grid, image.width);
    for (std::size_t c = 0; c < 3; ++c) {
      float sum = all_nan ? std::numeric_limits<float>::quiet_NaN() : 0.0f;
      for (std::size_t y = top; y < bottom; ++y) {
        for (std::size_t x = left; x < right; ++x) sum += image.rgb[(y * image.width + x) * 3 + c];
      }
      pixels.values[c * grid * grid + cell] = sum / static_cast<float>((bottom - top) * (right - left)) / 255;
    }
  }
  return pixels;
}

Matrix FakeModel::embed_texts(std::span<const TokenIds> texts) const {
  begin(FakeCall::kEmbedTexts, texts.size());
  Matrix result(texts.size(), options_.dimension);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto row = result.row(i);
    std::ranges::copy(colour_features(text_colour(texts[i])), row.begin());
    if (options_.dimension > 4) {
      for (const std::int32_t id : texts[i]) {
        if (id >= kFirstWord)
          row[4 + static_cast<std::size_t>(id - kFirstWord) % (options_.dimension - 4)] += 0.1f;
      }
    }
    normalise(row);
  }
  return result;
}

std::vector<EncodedImage> FakeModel::encode_images(std::span<const ImageInput> images,
                                                   ImageOutputs outputs) const {
  begin(FakeCall::kEncodeImages, images.size());
  std::vector<EncodedImage> results;
  for (const ImageInput& image : images) {
    const PixelTensor pixels = pixels_of(image);
    EncodedImage& result = results.emplace_back();
    if (outputs.embedding)
      result.embedding = embed_picture(pixels, options_.embedding_rows, options_.dimension);
    if (outputs.tokens)
      result.tokens = picture_tokens(pixels, options_.token_width, options_.drop_black_tokens);
  }
  return results;
}

std::vector<float> FakeModel::match_pairs(std::span<const TokenIds> texts,
                                          std::span<const MatrixView> image_tokens,
                                          std::span<const MatchPair> pairs) const {
  begin(FakeCall::kMatch, pairs.size());
  std::vector<float> logits;
  for (const MatchPair& pair : pairs) {
    auto of_text = colour_features(text_colour(texts[pair.text]));
    normalise(of_text);
    const MatrixView& tokens = image_tokens[pair.image];
    Colour mean = {};
    for (std::size_t i = 0; i < tokens.rows(); ++i) {
      for (std::size_t c = 0; c < 3; ++c) mean[c] += tokens.row(i)[c] / static_cast<float>(tokens.rows());
    }
    auto of_image = colour_features(mean);
    normalise(of_image);
    logits.push_back(options_.match_scale *
                     std::inner_product(of_text.begin(), of_text.end(), of_image.begin(), 0.0f));
  }
  return logits;
}

std::shared_ptr<const FakeModel> make_fake_model(FakeModelOptions options) {
  return std::make_shared<const FakeModel>(std::move(options));
}

Image solid_picture(std::uint8_t red, std::uint8_t green, std::uint8_t blue, std::size_t width,
                    std::size_t height) {
  Image image{width, height, {}};
  image.rgb.reserve(width * height * 3);
  for (std::size_t i = 0; i < width * height; ++i) image.rgb.insert(image.rgb.end(), {red, green, blue});
  return image;
}

Image nan_picture() { return solid_picture(kNanColour[0], kNanColour[1], kNanColour[2]); }

}  // namespace tandem
