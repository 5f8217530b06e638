#include "core/fail.h"
#include "tandem/indexing.h"

namespace tandem {

void IndexOptions::validate() const {
  constexpr std::size_t kMaxThreads = 1024;
  if (batch_size == 0) fail(ErrorCode::kInvalidArgument, "batch_size is 0: give at least 1");
  if (commit_every == 0) fail(ErrorCode::kInvalidArgument, "commit_every is 0: give at least 1");
  if (!(commit_seconds >= 0)) {
    fail(ErrorCode::kInvalidArgument, "commit_seconds is {}: give 0 or more", commit_seconds);
  }
  if (decode_threads > kMaxThreads) {
    fail(ErrorCode::kInvalidArgument, "decode_threads ({}) is above {}: lower it, or give 0 for all cores",
         decode_threads, kMaxThreads);
  }
  limits.validate();
}

void WatchOptions::validate() const {
  index.validate();
  if (!(least_seconds >= 0)) {
    fail(ErrorCode::kInvalidArgument, "least_seconds is {}: give 0 or more", least_seconds);
  }
}

}  // namespace tandem
