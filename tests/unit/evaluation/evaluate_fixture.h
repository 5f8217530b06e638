// A made-up model, pictures and captions for evaluations end to end.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <random>

#include "support/fake_model.h"
#include "support/memory_gallery.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "tandem/evaluation.h"

namespace tandem {

inline constexpr std::size_t kImages = 12;

// Pictures of one colour each, with two English captions and one German one of colour words. Some fit, some
// do not.
class EvaluateTest : public ::testing::Test {
 protected:
  EvaluateTest() { set_model({}); }

  // Before fill().
  void set_model(const FakeModelOptions& options) { model_ = make_fake_model(options); }

  void fill(TokenStorage tokens = TokenStorage::kFp16) {
    MemoryWriter writer(model_->info(), tokens);
    std::mt19937 random(7);
    for (std::size_t i = 0; i < kImages; ++i) {
      const auto part = [&] { return static_cast<std::uint8_t>(random() % 256); };
      const Image picture = solid_picture(part(), part(), part());
      const std::vector<ImageInput> inputs = {model_->preprocess(picture)};
      NewImage image;
      image.record.path = dataset_.images.emplace_back(add_image(i)).file;
      image.encoded = model_->encode_images(inputs, {.embedding = true, .tokens = true}).front();
      if (tokens == TokenStorage::kNone) write_png(image.record.path, picture);
      if (i != left_out_) writer.add(image);
      for (const char* language : {"en", "en", "de"}) {
        dataset_.captions.push_back({"", i, Text(words(picture, random), language), ""});
      }
    }
    writer.commit();
    gallery_ = writer.snapshot();
  }

  DatasetImage add_image(std::size_t i) const {
    return {std::to_string(i), folder_.path() / (std::to_string(i) + ".png"), "test"};
  }

  // Colour words by the picture's parts, and a word by chance.
  static std::string words(const Image& picture, std::mt19937& random) {
    constexpr std::array kWords = {"red", "green", "blue", "white", "black", "orange", "cyan"};
    std::string text;
    for (std::size_t c = 0; c < 3; ++c) {
      for (int n = picture.rgb[c] / 48; n > 0; --n) text += std::string(kWords[c]) + " ";
    }
    return text + kWords[random() % kWords.size()];
  }

  // The pictures [first, first + count) with their captions.
  Dataset part(std::size_t first, std::size_t count) const {
    Dataset part;
    for (std::size_t i = first; i < first + count; ++i) part.images.push_back(dataset_.images[i]);
    for (DatasetCaption caption : dataset_.captions) {
      if (caption.image < first || caption.image >= first + count) continue;
      caption.image -= first;
      part.captions.push_back(caption);
    }
    return part;
  }

  EvaluationOptions options(std::vector<RetrievalMethod> methods) const {
    EvaluationOptions options;
    options.methods = std::move(methods);
    options.bootstrap.samples = 50;
    options.shortlists = {4};
    return options;
  }
  EvaluationReport run(const EvaluationOptions& options) const {
    return evaluate_retrieval(*gallery_, model_, dataset_, options);
  }

  static const EvaluationResult& find(const EvaluationReport& report, RetrievalMethod method,
                                      const std::string& language, RetrievalDirection direction,
                                      std::optional<std::size_t> shortlist = {},
                                      std::optional<double> lambda = {}) {
    for (const EvaluationResult& result : report.results) {
      if (result.method == method && result.language == language && result.direction == direction &&
          (!shortlist || result.shortlist == shortlist) && (!lambda || result.lambda == lambda)) {
        return result;
      }
    }
    throw std::logic_error("no such result");
  }

  static void expect_same(const EvaluationResult& a, const EvaluationResult& b) {
    EXPECT_EQ(a.metrics.queries, b.metrics.queries);
    EXPECT_EQ(a.metrics.recall, b.metrics.recall);
    EXPECT_EQ(a.metrics.mrr, b.metrics.mrr);
    EXPECT_EQ(a.metrics.ndcg_at_10, b.metrics.ndcg_at_10);
    EXPECT_EQ(a.metrics.mean_rank, b.metrics.mean_rank);
    ASSERT_EQ(a.failures.size(), b.failures.size());
    for (std::size_t i = 0; i < a.failures.size(); ++i) {
      EXPECT_EQ(a.failures[i].query, b.failures[i].query);
      EXPECT_EQ(a.failures[i].first, b.failures[i].first);
    }
  }

  static constexpr auto kEmb = RetrievalMethod::kEmb;
  static constexpr auto kCe = RetrievalMethod::kCe;
  static constexpr auto kCoop = RetrievalMethod::kCoop;
  static constexpr auto kToImage = RetrievalDirection::kTextToImage;
  static constexpr auto kToText = RetrievalDirection::kImageToText;

  TemporaryFolder folder_;
  std::shared_ptr<const FakeModel> model_;
  std::shared_ptr<const Gallery> gallery_;
  Dataset dataset_;
  std::size_t left_out_ = kImages;  // a picture that is not in the gallery
};

}  // namespace tandem
