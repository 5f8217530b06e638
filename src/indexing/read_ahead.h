// Pictures loaded by threads ahead of the one that takes them, in order.
//
// For one thread; it has threads of its own. What waits is dropped by the destructor.
#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <future>

#include "core/thread_pool.h"
#include "indexing/outcome.h"
#include "indexing/picture_loader.h"
#include "tandem/gallery.h"

namespace tandem::indexing {

struct Arrival {
  std::filesystem::path path;
  FileStamp stamp;
  Outcome<LoadedPicture> picture;
};

class ReadAhead {
 public:
  // At most `capacity` pictures wait to be taken, as model input: that bounds the memory beside decoding.
  ReadAhead(const PictureLoader& loader, std::size_t threads, std::size_t capacity);

  bool full() const { return pending_.size() >= capacity_; }
  bool empty() const { return pending_.empty(); }

  void push(std::filesystem::path path, const FileStamp& stamp, Decode decode);
  // The picture that was pushed first, waiting for it if need be; there must be one.
  Arrival take();

 private:
  struct Pending {
    std::filesystem::path path;
    FileStamp stamp;
    std::future<Outcome<LoadedPicture>> picture;
  };

  const PictureLoader& loader_;
  std::size_t capacity_;
  std::deque<Pending> pending_;
  ThreadPool pool_;  // last: its threads end before the rest goes
};

}  // namespace tandem::indexing
