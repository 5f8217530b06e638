#include "property/gallery/history.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

#include "support/answers.h"
#include "support/failing_file_system.h"
#include "support/made_gallery.h"
#include "support/memory_gallery.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

constexpr float kTolerance = 1e-5F;  // of sums in another order

struct Difference : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void require_same_hits(const Gallery& found, const Gallery& wanted, std::size_t k) {
  const Matrix queries = random_vectors(2, found.info().dimension, 4);
  const auto hits = found.nearest_images(queries, k);
  const auto wanted_hits = wanted.nearest_images(queries, k);
  for (std::size_t q = 0; q < queries.rows(); ++q) {
    const bool same = std::equal(hits[q].begin(), hits[q].end(), wanted_hits[q].begin(), wanted_hits[q].end(),
                                 [](const ScoredId& a, const ScoredId& b) {
                                   return a.id == b.id && std::fabs(a.score - b.score) <= kTolerance;
                                 });
    if (!same) throw Difference(fmt::format("found {}wanted {}", text_of(hits), text_of(wanted_hits)));
  }
}

void require_same(const Gallery& found, const Gallery& wanted) {
  const std::string text = records_of(found);
  const std::string wanted_text = records_of(wanted);
  if (text != wanted_text) throw Difference(fmt::format("found\n{}wanted\n{}", text, wanted_text));
  for (const std::size_t k : {1, 5, 100}) require_same_hits(found, wanted, k);
}

// The gallery and its model, side by side.
class Players {
 public:
  explicit Players(const std::string& index_spec)
      : options_{TokenStorage::kFp16, index_spec}, model_(made_model()), committed_(model_) {
    open();
  }

  void play(const Event& event) {
    if (event.kind == EventKind::kFailLater) {
      files_.fail_at(event.calls, Failure::kDeadDevice);
    } else if (event.kind == EventKind::kReopen) {
      reopen();
    } else {
      play_to_both(event);
    }
  }

 private:
  static std::string play_to(GalleryWriter& writer, const Event& event) {
    switch (event.kind) {
      case EventKind::kChange:
        return make_change(writer, event.change);
      case EventKind::kCommit:
        writer.commit();
        break;
      case EventKind::kCompact:
        writer.compact();
        break;
      default:
        writer.build_index();
    }
    return "";
  }

  void play_to_both(const Event& event) {
    const std::string wanted = play_to(model_, event);
    const bool commits = event.kind == EventKind::kCommit || event.kind == EventKind::kCompact;
    try {
      const std::string answer = play_to(*writer_, event);
      if (answer != wanted) throw Difference(fmt::format("answered \"{}\", not \"{}\"", answer, wanted));
    } catch (const Error& error) {
      require_failure(error);
      die(commits);
      return;
    }
    if (commits) committed_ = model_;
    if (event.kind != EventKind::kChange) check();
  }

  void require_failure(const Error& error) const {
    if (!files_.has_failed() || error.code() != ErrorCode::kBackend) throw Difference(error.what());
  }

  void open() { writer_ = gallery::open_writer(files_, folder_, made_model(), options_, {2000}); }

  void reopen() {
    writer_.reset();
    model_ = committed_;
    try {
      open();
    } catch (const Error& error) {
      require_failure(error);
      files_.fail_never();
      open();
    }
    check();
  }

  // As if the process were dead: what it was committing exists or not, nothing else does.
  void die(bool was_committing) {
    writer_.reset();
    files_.fail_never();
    if (was_committing && records_of(*Gallery::open(folder_)) == records_of(*model_.snapshot())) {
      committed_ = model_;
    }
    check();
    reopen();
  }

  // That what is committed is what it should be.
  void check() {
    require_same(*Gallery::open(folder_), *committed_.snapshot());
    const auto report = verify_gallery(folder_, true);
    if (!report.problems.empty()) throw Difference(report.problems.front());
  }

  const TemporaryFolder temporary_{memory_folder()};
  const fs::path folder_ = temporary_.path() / "g";
  GalleryOptions options_;
  FailingFileSystem files_;
  MemoryWriter model_;
  MemoryWriter committed_;  // the model as of the last commit
  std::unique_ptr<GalleryWriter> writer_;
};

}  // namespace

std::string Event::text() const {
  switch (kind) {
    case EventKind::kChange:
      return change.text();
    case EventKind::kCommit:
      return "commit";
    case EventKind::kCompact:
      return "compact";
    case EventKind::kBuildIndex:
      return "build_index";
    case EventKind::kReopen:
      return "reopen";
    case EventKind::kFailLater:
      return fmt::format("fail_after({})", calls);
  }
  return "";
}

History random_history(std::uint32_t seed, std::size_t events) {
  std::mt19937 random(seed);
  History history(events);
  for (Event& event : history) {
    const std::uint32_t chance = random() % 100;
    event.kind = chance < 70   ? EventKind::kChange
                 : chance < 80 ? EventKind::kCommit
                 : chance < 85 ? EventKind::kCompact
                 : chance < 90 ? EventKind::kBuildIndex
                 : chance < 94 ? EventKind::kReopen
                               : EventKind::kFailLater;
    event.change = random_change(random);
    event.calls = random() % 300;
  }
  return history;
}

std::optional<std::string> first_difference(const History& history, const std::string& index_spec) {
  std::size_t played = 0;
  try {
    Players players(index_spec);
    for (; played < history.size(); ++played) players.play(history[played]);
  } catch (const std::exception& error) {
    return fmt::format("event {}: {}", played, error.what());
  }
  return std::nullopt;
}

History shrunk(History history, const std::string& index_spec) {
  for (std::size_t size = history.size() / 2; size > 0; size /= 2) {
    for (std::size_t at = 0; at + size <= history.size();) {
      History shorter = history;
      const auto first = shorter.begin() + static_cast<std::ptrdiff_t>(at);
      shorter.erase(first, first + static_cast<std::ptrdiff_t>(size));
      if (first_difference(shorter, index_spec)) {
        history = std::move(shorter);
      } else {
        at += size;
      }
    }
  }
  return history;
}

}  // namespace tandem
