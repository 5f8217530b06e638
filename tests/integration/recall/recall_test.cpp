// The main job on real pictures: index photographs with the shipped model, look for each by its captions,
// and find as many as the model's card says.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "support/temporary_folder.h"
#include "tandem/datasets.h"
#include "tandem/evaluation.h"
#include "tandem/gallery_writer.h"
#include "tandem/indexing.h"
#include "tandem/model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

using Recall = std::array<double, 3>;  // at 1, 5, 10, in percent

// A gallery of the pictures of a dataset, and how many captions find theirs in it.
class Bench {
 public:
  explicit Bench(const Dataset& dataset) : model_(Model::load(TANDEM_DEFAULT_MODEL)) {
    std::vector<fs::path> pictures;
    for (const DatasetImage& image : dataset.images) pictures.push_back(image.file);
    index_pictures(*GalleryWriter::open(folder_.path() / "gallery", model_->info()), model_, pictures);
    gallery_ = Gallery::open(folder_.path() / "gallery");
  }

  std::size_t size() const { return gallery_->info().images; }

  // Of text to image, by language.
  std::map<std::string, Recall> recall(const Dataset& dataset, RetrievalMethod method,
                                       const std::vector<std::string>& languages) const {
    EvaluationOptions options;
    options.methods = {method};
    options.languages = languages;
    options.shortlists = {20};
    options.bootstrap.samples = 0;
    options.latency_queries = 0;
    std::map<std::string, Recall> recall;
    for (const EvaluationResult& result : evaluate_retrieval(*gallery_, model_, dataset, options).results) {
      if (result.direction != RetrievalDirection::kTextToImage) continue;
      const auto& found = result.metrics.recall;
      recall[result.language] = {100 * found.at(1), 100 * found.at(5), 100 * found.at(10)};
    }
    return recall;
  }

 private:
  TemporaryFolder folder_;
  std::shared_ptr<const Model> model_;
  std::shared_ptr<const Gallery> gallery_;
};

void expect_recall(const Recall& found, const Recall& wanted, double tolerance, const std::string& what) {
  std::cout << what << ": recall@1/5/10 " << found[0] << " / " << found[1] << " / " << found[2] << '\n';
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], wanted[i], tolerance) << what;
}

// Figures of the model card: agreement to the printed digit.
TEST(Recall, DemoPhotographsInFourLanguages) {
  const Dataset dataset = load_dataset(TANDEM_PHOTOS).dataset;
  const Bench bench(dataset);
  ASSERT_EQ(bench.size(), 60u);
  const std::map<std::string, Recall> wanted = {{"en", {54.4, 88.3, 96.7}},
                                                {"de", {56.7, 85.0, 91.7}},
                                                {"fr", {48.3, 86.7, 95.0}},
                                                {"cs", {43.3, 76.7, 85.0}}};
  const auto found = bench.recall(dataset, RetrievalMethod::kEmb, {"en", "de", "fr", "cs"});
  for (const auto& [language, recall] : wanted)
    expect_recall(found.at(language), recall, 0.06, "demo " + language);
}

// Figures of the model card.
TEST(Recall, FlickrTestPhotographsByFiveThousandCaptions) {
  const char* named = std::getenv("TANDEM_FLICKR8K");
  const fs::path folder = named != nullptr ? named : TANDEM_FLICKR8K;
  if (!fs::exists(folder / "captions.jsonl")) {
    GTEST_SKIP() << "the Flickr8k photographs may not be shipped; name their folder by TANDEM_FLICKR8K";
  }
  Dataset dataset = load_dataset(folder, {.split = "test"}).dataset;
  const Bench bench(dataset);
  ASSERT_EQ(bench.size(), 1000u);
  const auto found = bench.recall(dataset, RetrievalMethod::kEmb, {"en"});
  expect_recall(found.at("en"), {28.88, 60.14, 73.46}, 0.06, "flickr8k en");

  // The card's figures for reranking are those of another and larger sample: within two standard errors.
  std::vector<DatasetCaption> english;
  for (const DatasetCaption& caption : dataset.captions) {
    if (caption.text.language == "en") english.push_back(caption);
  }
  ASSERT_EQ(english.size(), 5000u);
  dataset.captions.clear();
  for (std::size_t i = 0; i < english.size(); i += 20) dataset.captions.push_back(english[i]);
  const auto reranked = bench.recall(dataset, RetrievalMethod::kCoop, {"en"});
  expect_recall(reranked.at("en"), {30.7, 62.2, 74.6}, 6, "flickr8k en, 20 reranked");
}

}  // namespace
}  // namespace tandem
