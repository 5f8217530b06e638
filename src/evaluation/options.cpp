#include <algorithm>

#include "core/fail.h"
#include "tandem/evaluation.h"

namespace tandem {

const char* to_string(RetrievalMethod method) noexcept {
  switch (method) {
    case RetrievalMethod::kEmb:
      return "emb";
    case RetrievalMethod::kCe:
      return "ce";
    case RetrievalMethod::kCoop:
      return "coop";
  }
  return "unknown";
}

RetrievalMethod parse_retrieval_method(const std::string& name) {
  for (const RetrievalMethod method : {RetrievalMethod::kEmb, RetrievalMethod::kCe, RetrievalMethod::kCoop}) {
    if (name == to_string(method)) return method;
  }
  fail(ErrorCode::kInvalidArgument, "method \"{}\": emb, ce or coop is wanted", name);
}

const char* to_string(RetrievalDirection direction) noexcept {
  return direction == RetrievalDirection::kTextToImage ? "text_to_image" : "image_to_text";
}

void EvaluationOptions::validate() const {
  if (methods.empty()) fail(ErrorCode::kInvalidArgument, "no method to evaluate: name emb, ce or coop");
  if (cutoffs.empty() || std::ranges::count(cutoffs, 0u) > 0) {
    fail(ErrorCode::kInvalidArgument, "recall at 0, or at nothing, is asked for: name numbers from 1");
  }
  if (shortlists.empty() || std::ranges::count(shortlists, 0u) > 0) {
    fail(ErrorCode::kInvalidArgument, "a shortlist of 0, or none, is asked for: name lengths from 1");
  }
  if (lambdas.empty()) fail(ErrorCode::kInvalidArgument, "no lambda: name 1 to order by the match alone");
  for (const double lambda : lambdas) {
    if (lambda >= 0 && lambda <= 1) continue;
    fail(ErrorCode::kInvalidArgument,
         "lambda ({}) is not within 0 and 1: 0 is cosine alone, 1 the match alone", lambda);
  }
  if (batch_size == 0) fail(ErrorCode::kInvalidArgument, "batch_size is 0: give at least 1");
  if (!(bootstrap.confidence > 0 && bootstrap.confidence < 1)) {
    fail(ErrorCode::kInvalidArgument, "confidence ({}) is not between 0 and 1: 0.95 is usual",
         bootstrap.confidence);
  }
}

}  // namespace tandem
