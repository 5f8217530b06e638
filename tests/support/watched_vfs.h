// A VFS for SQLite that passes everything on to SQLite's own, under the eyes of a watch.
//
// It offers no shared memory and no memory maps, so that all that SQLite does goes by calls.
#pragma once

#include <memory>

#include "support/file_watch.h"

namespace tandem {

struct VfsRegistration;

class WatchedVfs {
 public:
  // Registers it under a name of its own. `watch` must outlive it, and it every database that uses it.
  explicit WatchedVfs(FileWatch& watch);
  ~WatchedVfs();

  const char* name() const;

 private:
  std::unique_ptr<VfsRegistration> registration_;
};

}  // namespace tandem
