#include "core/fail.h"
#include "datasets/caption_line.h"
#include "tandem/datasets.h"

namespace tandem {

const char* to_string(DatasetFormat format) noexcept {
  switch (format) {
    case DatasetFormat::kJsonLines:
      return "jsonl";
    case DatasetFormat::kKarpathy:
      return "karpathy";
    case DatasetFormat::kMulti30k:
      return "multi30k";
    case DatasetFormat::kTable:
      return "table";
  }
  return "unknown";
}

DatasetFormat parse_dataset_format(const std::string& name) {
  for (const DatasetFormat format : {DatasetFormat::kJsonLines, DatasetFormat::kKarpathy,
                                     DatasetFormat::kMulti30k, DatasetFormat::kTable}) {
    if (name == to_string(format)) return format;
  }
  fail(ErrorCode::kInvalidArgument, "data format \"{}\": jsonl, karpathy, multi30k or table is wanted", name);
}

void DatasetOptions::validate() const {
  if (datasets::is_language_code(language)) return;
  fail(ErrorCode::kInvalidArgument, "language \"{}\" is no code of two letters, like \"en\"", language);
}

}  // namespace tandem
