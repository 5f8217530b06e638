// A pretrained image–text model: one set of weights that serves both encoders.
//
// A Model is immutable after loading: share it by shared_ptr<const Model>; const methods may be called
// from many threads. Most programs use BiEncoder and CrossEncoder (encoders.h), which batch, check and
// describe errors; this class is the seam below them.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tandem/image.h"
#include "tandem/matrix.h"
#include "tandem/precision.h"
#include "tandem/regions.h"
#include "tandem/text.h"

namespace tandem {

// What a model can do. A request beyond it throws Unsupported with a sentence that says what it can.
struct Capabilities {
  bool embed_text = false;   // bi-encoder, text side
  bool embed_image = false;  // bi-encoder, image side
  bool match = false;        // cross-encoder: image–text matching
};

// A family of models, as it stands in the one table of them.
struct FamilyInfo {
  std::string_view name;       // as `model_type` in config.json: "blip", "clip", "tandem"
  Capabilities capabilities;   // all that a model of it can have; what one has depends on its heads
  bool reads_regions = false;  // regions of an object detector, instead of pixels
};

// All families that can be loaded, in the order in which they are listed to users.
std::span<const FamilyInfo> model_families();

// Whether the folder is laid out as a model: has a config.json, or what stands in its place in the layout of
// a family's authors. Throws what Model::load() throws where that cannot be read.
bool is_model_folder(const std::filesystem::path& folder);

// From the logit of a match to its probability: 1 / (1 + exp(-(scale * logit + bias))). Fitted on data that
// was not trained on (Platt, 1999); without it the logit is taken for the log-odds that it was trained as.
struct Calibration {
  // Of the logit together with the cosine of the embeddings of the same model: log-odds are
  // logit * `logit` + cosine * `similarity` + bias.
  struct Fused {
    float logit = 1;       // above 0
    float similarity = 0;  // not below 0
    float bias = 0;
    bool operator==(const Fused&) const = default;
  };

  float scale = 1;  // above 0
  float bias = 0;
  std::optional<Fused> fused = {};
};

struct ModelInfo {
  std::string family;          // its name, as in model_families()
  std::filesystem::path path;  // the folder it was loaded from
  Capabilities capabilities;
  std::size_t embedding_dim = 0;     // width of an embedding; 0 when it cannot embed
  std::size_t embedding_rows = 1;    // embeddings per image; similarity is the best of them
  std::size_t max_image_tokens = 0;  // tokens per image that match() reads, at most; 0 without match
  std::size_t image_token_width = 0;
  // How many of the first and of the last image tokens stand for the whole picture, as a class token does.
  std::size_t first_whole_tokens = 0;
  std::size_t last_whole_tokens = 0;
  std::size_t max_text_tokens = 0;
  // What it reads of a picture: pixels, or regions of an object detector. One that reads regions reads photos
  // too where it was loaded with a detector.
  bool reads_photos = true;
  bool reads_regions = false;
  std::size_t picture_side = 0;    // pixels to which it brings the sides of a picture, about; 0 of regions
  std::filesystem::path detector;  // the file that ModelOptions::detector named, or empty
  Precision tower_precision = Precision::kFp32;  // as in ModelOptions
  Precision precision = Precision::kFp32;
  Precision match_precision = Precision::kFp32;
  bool rerank_by_default = false;  // false where the match head is not better than the embedding
  Calibration calibration;         // of its match; as calibration.json in its folder has it
  // What could be loaded in its place, to be told where it cannot do what is asked.
  std::span<const FamilyInfo> families;
  // Hex digests. Equal `weights` means equal embeddings for equal inputs; equal `preprocessing` means
  // that pictures are brought to pixels in the same way.
  std::string weights_fingerprint;
  std::string preprocessing_fingerprint;
};

// One preprocessed picture: channels × height × width, normalised float32.
struct PixelTensor {
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;
  std::vector<float> values;
};

// A picture as a model reads it.
using ImageInput = std::variant<PixelTensor, Regions>;

// What one image becomes. `embedding`: embedding_rows × embedding_dim, rows of length 1.
// `tokens`: at most max_image_tokens × image_token_width; all that match() needs of the image.
struct EncodedImage {
  Matrix embedding;
  Matrix tokens;
};

// Which parts of EncodedImage to compute.
struct ImageOutputs {
  bool embedding = true;
  bool tokens = false;
};

// A text with a picture, as places in lists.
struct MatchPair {
  std::size_t text = 0;
  std::size_t image = 0;
};

struct ModelOptions {
  // Of the picture's own tower, which shapes what a gallery stores, and of the rest: texts and the match. A
  // model without such a tower has the latter alone.
  Precision tower_precision = Precision::kFp32;
  Precision precision = Precision::kFp32;
  // Of the layers in which a text meets a picture, in the family `tandem`; for others it must be `precision`,
  // else loading throws Unsupported. Nothing: `precision`, or where that is kFp32 what the model's
  // configuration recommends on processors that are fast at it.
  std::optional<Precision> match_precision = {};
  // Reads the weights of the picture's own tower, where the model has one, only when the first picture is
  // encoded: for programs that start, look for a text and end. What is wrong with their values is thrown
  // then, BadFormat, and the weight files must not be written over before.
  bool defer_tower = false;
  // BLIP only. The original weights were trained for matching with [ENC] as the first token; the
  // Hugging Face port feeds [CLS] and is the default here. See models/blip/README.md.
  bool blip_enc_token = false;
  // Of models that read regions: a TorchScript object detector that finds them in photos, as described in
  // docs/region-files.md. Unlike weights it is a program and is run: take only one that you would run. Models
  // that read pixels pay no attention to it.
  std::filesystem::path detector;
};

class Model {
 public:
  virtual ~Model() = default;

  virtual const ModelInfo& info() const = 0;
  virtual const Tokenizer& tokenizer() const = 0;

  // Decoded picture to model input. Throws BadFormat where the reference or the detector refuses the picture,
  // Unsupported where the model reads regions and has no detector; that one looks at a picture at a time.
  virtual ImageInput preprocess(const Image& image) const = 0;

  // texts × embedding_dim, rows of length 1. Lengths may differ; no texts gives 0 rows.
  virtual Matrix embed_texts(std::span<const TokenIds> texts) const = 0;

  // One result for each input, in order. Of a long list of regions the first are read, as the model's limit
  // says. Throws InvalidArgument for an input of another kind or shape, or with values that are not finite.
  virtual std::vector<EncodedImage> encode_images(std::span<const ImageInput> images,
                                                  ImageOutputs outputs) const = 0;

  // Match logit (log-odds) of one text against each image, from the images' tokens.
  std::vector<float> match(const TokenIds& text, std::span<const MatrixView> image_tokens) const {
    std::vector<MatchPair> pairs;
    for (std::size_t i = 0; i < image_tokens.size(); ++i) pairs.push_back({.text = 0, .image = i});
    return match_pairs({&text, 1}, image_tokens, pairs);
  }

  // The same of pairs of many texts and images, in one pass as far as their lengths allow: logits in the
  // order of the pairs. Throws InvalidArgument for a place that there is not and for tokens of another shape.
  virtual std::vector<float> match_pairs(std::span<const TokenIds> texts,
                                         std::span<const MatrixView> image_tokens,
                                         std::span<const MatchPair> pairs) const = 0;

  // Loads a folder: config.json, weights, tokenizer, preprocessor_config.json, or one of the other layouts
  // that models/README.md lists; the family is read from config.json or is that of the layout. Throws
  // NotFound, BadFormat (with every missing, unused and misshapen weight in one report; what is no detector),
  // Unsupported (unknown family or data type).
  static std::shared_ptr<const Model> load(const std::filesystem::path& folder,
                                           const ModelOptions& options = {});
};

// The models of a search: one embeds texts and pictures, one matches them. One model may do both with the
// same weights (JOINT+COOP in Geigle et al., 2022), or two work together (SEP+COOP).
struct ModelPair {
  ModelPair() = default;
  ModelPair(std::nullptr_t) {}  // NOLINT: refused, as no model is, wherever a pair is taken
  template <typename M>
  requires std::convertible_to<std::shared_ptr<M>, std::shared_ptr<const Model>> ModelPair(
      std::shared_ptr<M> one)
      : model(std::move(one)) {}  // NOLINT: one model is a pair with itself
  ModelPair(std::shared_ptr<const Model> embeds, std::shared_ptr<const Model> matches)
      : model(std::move(embeds)), reranker(std::move(matches)) {}

  std::shared_ptr<const Model> model;     // embeds
  std::shared_ptr<const Model> reranker;  // matches; null: `model` does, where it can

  const std::shared_ptr<const Model>& matching() const { return reranker ? reranker : model; }
  // That of the match; never with the cosine of another model.
  Calibration calibration() const {
    const Calibration& own = matching()->info().calibration;
    return reranker ? Calibration{own.scale, own.bias} : own;
  }
};

// The folder of the model that ships with the library: $TANDEM_MODEL if set, else models/default beside
// the installed library. Throws NotFound with the places looked at.
std::filesystem::path default_model_folder();

// Threads used for computing by every library below, set together. 0 means all cores.
void set_num_threads(std::size_t threads);

}  // namespace tandem
