// A random history of a gallery: changes, commits, compactions, crashes. It is played to a gallery and to a
// plain model in memory; whenever something is committed, both must answer alike.
//
// Values and free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/random_change.h"

namespace tandem {

enum class EventKind {
  kChange,
  kCommit,
  kCompact,
  kBuildIndex,
  kReopen,     // what is not committed is dropped
  kFailLater,  // after some more calls every call of the file layer fails, as if the process were dead
};

struct Event {
  EventKind kind;
  Change change;        // of kChange
  std::uint32_t calls;  // of kFailLater
  std::string text() const;
};

using History = std::vector<Event>;

History random_history(std::uint32_t seed, std::size_t events);

// Nothing if gallery and model agree all along; else where they do not.
std::optional<std::string> first_difference(const History& history, const std::string& index_spec);

// A history in which nothing can be left out without losing the difference; of one that has one.
History shrunk(History history, const std::string& index_spec);

}  // namespace tandem
