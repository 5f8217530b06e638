// What `tandem evaluate` says of an evaluation.
//
// For one thread.
#pragma once

#include <string>
#include <vector>

#include "cli/json.h"
#include "tandem/datasets.h"
#include "tandem/evaluation.h"

namespace tandem::cli {

// One line for each kind of finding in the data; none where all is well.
std::vector<std::string> findings_of(const DatasetReport& report);
// The same for an evaluation: pictures without embeddings, pictures left out, ties.
std::vector<std::string> findings_of(const EvaluationReport& report);

// "One query: 9.1 ms by cosine, 18.4 ms more to rerank 50 (medians)"; empty where nothing was measured.
std::string latency_line(const EvaluationReport& report);

// The mean recall of a result and the one of the other direction; nothing where there is none.
std::optional<double> mean_recall_of(const EvaluationReport& report, const EvaluationResult& result);

Json json_of(const EvaluationReport& report, const EvaluationResult& result);

// A header and a row for each result; recall in percent.
std::vector<std::vector<std::string>> rows_of(const EvaluationReport& report);
// The same of gains over emb, recall in percentage points; no rows where no result has one.
std::vector<std::vector<std::string>> gain_rows_of(const EvaluationReport& report);

// "text to image".
const char* name_of(RetrievalDirection direction);

// "67.3".
std::string percent(double part);

}  // namespace tandem::cli
