#include "training/processes.h"

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include "core/fail.h"

#ifdef TANDEM_WITH_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace tandem::training {
namespace {

class Alone final : public Processes {
 public:
  std::size_t rank() const override { return 0; }
  std::size_t count() const override { return 1; }
  at::Tensor gather_rows(const at::Tensor& rows) override { return rows; }
  void add_up(at::Tensor&) override {}
};

std::size_t number_in_environment(const char* name, std::size_t max) {
  const char* text = std::getenv(name);
  std::size_t number = 0;
  const std::string_view value = text != nullptr ? text : "";
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || value.empty() || number > max) {
    fail(ErrorCode::kInvalidArgument,
         "{}: found \"{}\", a whole number from 0 to {} is wanted; torchrun sets it", name, value, max);
  }
  return number;
}

#ifdef TANDEM_WITH_GLOO

// LibTorch's c10d with Gloo, on the CPU.
class Gloo final : public Processes {
 public:
  Gloo(std::size_t rank, std::size_t count, const std::string& host, std::uint16_t port)
      : rank_(rank), count_(count) {
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = rank == 0;
    options.numWorkers = count;
    auto store = c10::make_intrusive<c10d::TCPStore>(host, options);
    auto settings = c10d::ProcessGroupGloo::Options::create();
    // As long as the first one may take for what the others wait for: a tower, a checkpoint.
    settings->timeout = std::chrono::hours(24);
    settings->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store, static_cast<int>(rank),
                                                         static_cast<int>(count), settings);
  }

  std::size_t rank() const override { return rank_; }
  std::size_t count() const override { return count_; }

  at::Tensor gather_rows(const at::Tensor& rows) override {
    // Gloo gathers equal shapes alone: rows are padded to the most that one has.
    at::Tensor counts = at::zeros({static_cast<std::int64_t>(count_)}, at::kLong);
    counts[static_cast<std::int64_t>(rank_)] = rows.size(0);
    add_up(counts);
    const auto most = counts.max().item<std::int64_t>();
    auto shape = rows.sizes().vec();
    shape[0] = most;
    at::Tensor padded = at::zeros(shape, at::kFloat);
    padded.slice(0, 0, rows.size(0)).copy_(rows);
    std::vector<std::vector<at::Tensor>> gathered(1);
    for (std::size_t i = 0; i < count_; ++i) gathered[0].push_back(at::empty(shape, at::kFloat));
    std::vector<at::Tensor> input = {padded};
    group_->allgather(gathered, input)->wait();
    for (std::size_t i = 0; i < count_; ++i) {
      gathered[0][i] = gathered[0][i].slice(0, 0, counts[static_cast<std::int64_t>(i)].item<std::int64_t>());
    }
    return at::cat(gathered[0]).to(rows.device());
  }

  void add_up(at::Tensor& values) override {
    std::vector<at::Tensor> one = {values.cpu().contiguous()};
    group_->allreduce(one)->wait();
    values.copy_(one[0]);
  }

 private:
  std::size_t rank_;
  std::size_t count_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

std::unique_ptr<Processes> join(std::size_t rank, std::size_t count) {
  const char* host = std::getenv("MASTER_ADDR");
  if (host == nullptr) {
    fail(ErrorCode::kInvalidArgument, "MASTER_ADDR: not set; the address of process 0 is wanted");
  }
  const std::size_t port = number_in_environment("MASTER_PORT", 65535);
  try {
    return std::make_unique<Gloo>(rank, count, host, static_cast<std::uint16_t>(port));
  } catch (const std::exception& error) {
    fail(ErrorCode::kBackend, "process {} of {} cannot reach the others at {}:{}: {}", rank, count, host,
         port, error.what());
  }
}

#else

std::unique_ptr<Processes> join(std::size_t, std::size_t) {
  fail(ErrorCode::kUnsupported,
       "WORLD_SIZE: this build trains in one process; several need Gloo's headers (libgloo-dev) when it is "
       "built");
}

#endif

}  // namespace

std::unique_ptr<Processes> Processes::alone() { return std::make_unique<Alone>(); }

std::unique_ptr<Processes> Processes::from_environment() {
  if (std::getenv("WORLD_SIZE") == nullptr) return alone();
  const std::size_t count = number_in_environment("WORLD_SIZE", 1 << 16);
  if (count <= 1) return alone();
  return join(number_in_environment("RANK", count - 1), count);
}

}  // namespace tandem::training
