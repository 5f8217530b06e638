// An evaluation as one HTML page, complete in one file: tables, charts, and the worst failures with their
// pictures.
//
// Thread-safe: a free function on values.
#pragma once

#include <string>

#include "tandem/datasets.h"
#include "tandem/evaluation.h"

namespace tandem::cli {

struct EvaluationPage {
  std::string data;      // where it is
  std::string model;     // what it is called
  std::string reranker;  // the same; empty where it is the model itself
  const Dataset& dataset;
  const DatasetReport& found;
  const EvaluationReport& report;
  std::string curves = {};  // of the training, as HTML
};

std::string evaluation_page(const EvaluationPage& page);

}  // namespace tandem::cli
