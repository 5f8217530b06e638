// A deterministic Model without weights and without LibTorch, for tests of what stands above models.
//
// It sees colours: a text is the mean colour of its colour words, a picture the mean colours of the cells
// of a grid. So the text "red" is nearest to a red picture, by embedding and by match logit, and every
// value can be worked out by hand. Immutable but for its counts, which are atomic.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tandem/model.h"

namespace tandem {

enum class FakeCall { kPreprocess, kEmbedTexts, kEncodeImages, kMatch };

struct FakeModelOptions {
  std::string family = "fake";
  std::filesystem::path path = "models/fake";
  Capabilities capabilities = {.embed_text = true, .embed_image = true, .match = true};
  std::size_t dimension = 16;      // at least 4: red, green, blue, constant; then layout or words
  std::size_t embedding_rows = 1;  // the first is of the whole picture, the others of its cells in turn
  std::size_t grid = 2;            // grid × grid cells are the image tokens
  std::size_t token_width = 8;     // at least 3
  bool drop_black_tokens = false;  // black cells give no token (one is kept): token counts vary
  bool reads_regions = false;      // features of regions, whose first three are a colour, and no photos
  bool has_detector = false;       // with reads_regions: photos too
  float match_scale = 8;           // logit = scale × cosine of the colours; below 0 it ranks backwards
  bool rerank_by_default = true;
  Calibration calibration = {};
  std::span<const FamilyInfo> families = {};
  std::string weights_fingerprint = "00000000000000000000000000000001";
  std::string preprocessing_fingerprint = "00000000000000000000000000000002";
  // Called first in every call, with the number of inputs (1 for kPreprocess): a test may throw, request
  // a stop or take notes in it. It may be called from many threads.
  std::function<void(FakeCall, std::size_t inputs)> on_call = {};
};

// How often each function was called, and for how many inputs in total and at most.
struct FakeCounts {
  std::atomic<std::size_t> calls = 0;
  std::atomic<std::size_t> inputs = 0;
  std::atomic<std::size_t> largest = 0;
};

// Words separated by spaces, in lower case: <s>, one id for each word, </s>. Colour words have ids of
// their own, other words share 64 by their hash.
class FakeTokenizer final : public Tokenizer {
 public:
  TokenIds encode(std::string_view text) const override;
  std::size_t vocabulary_size() const override;
  std::size_t max_length() const override { return 32; }
};

class FakeModel final : public Model {
 public:
  explicit FakeModel(FakeModelOptions options = {});

  const ModelInfo& info() const override { return info_; }
  const Tokenizer& tokenizer() const override { return tokenizer_; }
  ImageInput preprocess(const Image& image) const override;
  Matrix embed_texts(std::span<const TokenIds> texts) const override;
  std::vector<EncodedImage> encode_images(std::span<const ImageInput> images,
                                          ImageOutputs outputs) const override;
  std::vector<float> match_pairs(std::span<const TokenIds> texts, std::span<const MatrixView> image_tokens,
                                 std::span<const MatchPair> pairs) const override;

  const FakeCounts& counts(FakeCall call) const { return counts_[static_cast<std::size_t>(call)]; }

 private:
  void begin(FakeCall call, std::size_t inputs) const;

  FakeModelOptions options_;
  ModelInfo info_;
  FakeTokenizer tokenizer_;
  mutable FakeCounts counts_[4];
};

std::shared_ptr<const FakeModel> make_fake_model(FakeModelOptions options = {});

// A picture of one colour.
Image solid_picture(std::uint8_t red, std::uint8_t green, std::uint8_t blue, std::size_t width = 8,
                    std::size_t height = 8);

// A text with this word embeds and matches as NaN, and so does a picture with this colour in every pixel.
inline constexpr const char* kNanWord = "nan";
Image nan_picture();

}  // namespace tandem
