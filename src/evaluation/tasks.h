// What is looked for among what: one task for each language, fold and direction.
//
// Thread-safe: free functions on values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tandem/datasets.h"
#include "tandem/evaluation.h"

namespace tandem::evaluation {

// Numbers are places in the dataset: of captions and of pictures, as the direction says.
struct Query {
  std::size_t number = 0;
  std::vector<std::size_t> right;  // its right answers, ascending, those that are no candidates too
  bool present = true;             // false for a picture that is not in the gallery: it cannot be ranked
};

struct Task {
  std::string language;
  std::size_t fold = 0;
  RetrievalDirection direction = RetrievalDirection::kTextToImage;
  std::vector<Query> queries;
  std::vector<std::size_t> candidates;  // ascending
};

// "en", or "de_described" of captions of a sort.
std::string group_of(const DatasetCaption& caption);

// The languages that were asked for; without a wish, those that there are and "all". Throws InvalidArgument
// for one without captions.
std::vector<std::string> choose_languages(const Dataset& dataset, const std::vector<std::string>& wanted);

// `present[i]`: picture i is in the gallery. A query without right answers is none. Throws InvalidArgument
// where the dataset has fewer pictures than a fold; captions of a fold may be missing, and it is without
// tasks then.
std::vector<Task> make_tasks(const Dataset& dataset, const std::vector<std::string>& languages,
                             const std::vector<bool>& present, std::size_t fold);

}  // namespace tandem::evaluation
