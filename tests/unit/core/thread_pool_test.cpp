#include "core/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace tandem {
namespace {

TEST(ThreadPool, RunsEveryTaskAndReturnsItsResult) {
  ThreadPool pool(3);
  std::vector<std::future<int>> results;
  for (int i = 0; i < 100; ++i) results.push_back(pool.submit([i] { return i * i; }));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(results[i].get(), i * i);
}

TEST(ThreadPool, AnExceptionComesOutOfTheFuture) {
  ThreadPool pool(1);
  auto result = pool.submit([]() -> int { throw std::runtime_error("no"); });
  EXPECT_THROW(result.get(), std::runtime_error);
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1) << "the thread lives on";
}

TEST(ThreadPool, DroppedTasksBreakTheirPromise) {
  std::promise<void> release;
  auto gate = release.get_future().share();
  std::promise<void> begun;
  std::future<void> waiting;
  {
    std::jthread opener;
    ThreadPool pool(1);
    auto running = pool.submit([&begun, gate] {
      begun.set_value();
      gate.wait();
    });
    begun.get_future().wait();
    waiting = pool.submit([] {});
    opener = std::jthread([&release] { release.set_value(); });
    // The pool goes first: it is told to stop while the first task may still run.
  }
  // Either the second task began before the stop, or it was dropped; it never stays open.
  try {
    waiting.get();
  } catch (const std::future_error& error) {
    EXPECT_EQ(error.code(), std::future_errc::broken_promise);
  }
}

TEST(ThreadPool, ZeroMeansAllCores) { EXPECT_GE(ThreadPool(0).size(), 1u); }

}  // namespace
}  // namespace tandem
