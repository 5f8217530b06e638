// The two-stage search: shortlist by the index, order by the cross-encoder.
//
// Method: Geigle, Pfeiffer, Reimers, Vulić, Gurevych: "Retrieve Fast, Rerank Smart", TACL 2022.
// A Retriever is immutable: const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "tandem/encoders.h"
#include "tandem/gallery.h"
#include "tandem/regions.h"
#include "tandem/text.h"

namespace tandem {

struct SearchOptions {
  std::size_t top_k = 10;  // hits wanted; a smaller gallery gives fewer
  // Candidates that the cross-encoder reads; unset: the larger of 50 and top_k. More finds more, and
  // costs time in proportion.
  std::optional<std::size_t> shortlist;
  // Unset: as the model recommends (ModelInfo::rerank_by_default), or on where a second model reranks or
  // min_probability is set.
  std::optional<bool> rerank;
  // Drops hits whose match probability is lower; needs reranking. Within [0, 1]. It means what it says where
  // the model that matches is calibrated (calibration.h).
  std::optional<float> min_probability;
  std::size_t batch_size = 32;  // candidates in one forward pass
  std::stop_token stop;

  // Throws InvalidArgument, saying how to mend it.
  void validate() const;
};

// What is looked for: a text, a picture, or both (then the mean of their embeddings makes the shortlist
// and the text ranks it).
struct Query {
  std::optional<Text> text;
  std::optional<Picture> image;
};

struct Hit {
  std::size_t rank = 0;  // from 1
  ImageId id = 0;
  std::filesystem::path path;
  std::filesystem::path photo;       // that shows it; see photo_of()
  float similarity = 0;              // cosine of the embeddings
  std::optional<float> logit;        // of a match; set where it was reranked
  std::optional<float> probability;  // of a match, by the logit and the model's calibration
};

struct CaptionHit {
  std::size_t rank = 0;
  CaptionId id = 0;
  ImageId image = 0;
  Text text;
  float similarity = 0;
  std::optional<float> logit;
  std::optional<float> probability;
};

class Retriever {
 public:
  // The models that the gallery was built with. The second of two may be left out, which loads faster, where
  // nothing is to be reranked. A gallery of one model that stores no image tokens can be reranked by any
  // second one, which reads the pictures again.
  // Throws InvalidArgument when the gallery was built with others, Unsupported when the first cannot embed.
  Retriever(std::shared_ptr<const Gallery> gallery, ModelPair models);

  // Best first: by match_score() of the models' calibration where reranked, else by similarity; ties by id. A
  // picture query alone is never reranked (the cross-encoder reads a text and a picture). A gallery without
  // stored tokens is reranked by encoding the shortlisted pictures again, which is slow and needs their
  // files. Throws InvalidArgument, Unsupported (reranking wanted, no matching head), NotFound, Cancelled.
  std::vector<Hit> search(const Query& query, const SearchOptions& options = {}) const;

  // The same for many queries at once, in order.
  std::vector<std::vector<Hit>> search(std::span<const Query> queries,
                                       const SearchOptions& options = {}) const;

  // image→text over the captions that the gallery holds.
  std::vector<CaptionHit> search_captions(const Picture& image, const SearchOptions& options = {}) const;

  const Gallery& gallery() const { return *gallery_; }

 private:
  std::shared_ptr<const Gallery> gallery_;
  ModelPair models_;
  BiEncoder bi_encoder_;
};

}  // namespace tandem
