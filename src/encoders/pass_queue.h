// Where calls of several threads wait for each other, to be run together.
//
// Thread-safe. A queue must outlive the calls in it. There is no thread of its own: of the calls that wait,
// the first one's caller leads; it runs the group and gives the others their results.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <list>
#include <mutex>

#include "tandem/model.h"

namespace tandem::encoders {

// What a queue keeps of a call while its caller waits.
struct QueuedCall {
  std::condition_variable changed;
  bool done = false;
  std::exception_ptr error;
};

// Call: a QueuedCall that keeps its own results, with
//   std::size_t inputs() const                                      what counts towards the limit
//   void run(const Model&)                                          by itself
//   static void run_together(const Model&, const std::list<Call*>&) all in one pass; may throw
template <typename Call>
class PassQueue {
 public:
  PassQueue(std::chrono::microseconds window, std::size_t limit) : window_(window), limit_(limit) {}

  // Returns when `call` has been run; throws what it throws by itself.
  void run(const Model& model, Call& call) {
    if (call.inputs() > limit_) return call.run(model);
    Group place = {&call};  // made here, so that nothing can throw while the queue changes
    std::unique_lock lock(mutex_);
    waiting_.splice(waiting_.end(), place);
    if (!running_ && full()) waiting_.front()->changed.notify_one();
    wait_for_turn(lock, call);
    if (!call.done) lead(model, lock);
    if (call.error) std::rethrow_exception(call.error);
  }

  // Calls that wait to be run.
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  using Group = std::list<Call*>;
  using Clock = std::chrono::steady_clock;

  // Until the call is done or its caller is to lead.
  void wait_for_turn(std::unique_lock<std::mutex>& lock, Call& call) {
    while (!call.done) {
      const bool first = !running_ && waiting_.front() == &call;
      if (first && (full() || Clock::now() >= due_)) return;
      if (first) {
        call.changed.wait_until(lock, due_);
      } else {
        call.changed.wait(lock);
      }
    }
  }

  void lead(const Model& model, std::unique_lock<std::mutex>& lock) {
    const Group group = take_group();
    running_ = true;
    lock.unlock();
    run_group(model, group);
    lock.lock();
    running_ = false;
    due_ = waiting_.empty() ? Clock::time_point::min() : Clock::now() + window_;
    // Under the lock: a caller that sees its call done takes it away.
    for (Call* call : group) {
      call->done = true;
      call->changed.notify_one();
    }
    if (!waiting_.empty()) waiting_.front()->changed.notify_one();
  }

  bool full() const {
    std::size_t inputs = 0;
    for (const Call* call : waiting_) inputs += call->inputs();
    return inputs >= limit_;
  }

  // The first of those that wait, as many as the limit allows.
  Group take_group() {
    auto end = waiting_.begin();
    for (std::size_t inputs = 0; end != waiting_.end(); ++end) {
      inputs += (*end)->inputs();
      if (inputs > limit_) break;
    }
    Group group;
    group.splice(group.begin(), waiting_, waiting_.begin(), end);
    return group;
  }

  static void run_group(const Model& model, const Group& group) noexcept {
    if (group.size() > 1 && run_together(model, group)) return;
    for (Call* call : group) {
      try {
        call->run(model);
      } catch (...) {
        call->error = std::current_exception();
      }
    }
  }

  static bool run_together(const Model& model, const Group& group) {
    try {
      Call::run_together(model, group);
      return true;
    } catch (...) {
      // Nobody is told: the call that is to blame throws again when it is run by itself.
      return false;
    }
  }

  const std::chrono::microseconds window_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  Group waiting_;
  bool running_ = false;                              // a pass
  Clock::time_point due_ = Clock::time_point::min();  // when those that wait need not wait for more
};

}  // namespace tandem::encoders
