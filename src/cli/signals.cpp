#include "cli/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "tandem/error.h"

namespace tandem::cli {
namespace {

constexpr char kStop = 's';
constexpr char kEnd = 'e';
// A second is what people wait before they press again; a step that takes longer is not waited for.
constexpr int kMillisecondsToStop = 800;

// What a handler may touch: a pipe to a thread that may do more, and a lock-free count.
int write_end = -1;
volatile sig_atomic_t signals_seen = 0;
volatile sig_atomic_t tidies_up = 0;
std::atomic<bool> waits_for_step = false;

// Of the one TidyUp that lives.
std::mutex tidy_mutex;
std::function<void()> tidy_up;

[[noreturn]] void end_now() {
  {
    const std::lock_guard lock(tidy_mutex);
    if (tidy_up) tidy_up();
  }
  ::_exit(exit_status(ErrorCode::kCancelled));
}

void on_signal(int) {
  const int saved = errno;
  // The second one ends the program, by the listener where something has to be tidied up; the third does so
  // whatever the listener does.
  if (signals_seen > 1 || (signals_seen > 0 && tidies_up == 0)) ::_exit(exit_status(ErrorCode::kCancelled));
  signals_seen = signals_seen + 1;
  [[maybe_unused]] const ssize_t written = ::write(write_end, &kStop, 1);
  errno = saved;
}

// Waits for the end of the program. Nothing is lost by ending it in the middle of a step: a gallery keeps
// what was committed whatever happens.
void end_if_not_ended(int read_end) {
  pollfd ended{read_end, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&ended, 1, waits_for_step ? -1 : kMillisecondsToStop);
  } while (ready < 0 && errno == EINTR);
  if (ready != 0) return;
  // The other threads may hold the locks of streams.
  const std::string message = std::string(::isatty(STDERR_FILENO) ? "\r\x1b[K" : "") +
                              "tandem: stopped in the middle of a step; what was committed is kept\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, message.data(), message.size());
  end_now();
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

TidyUp::TidyUp(std::function<void()> what) {
  const std::lock_guard lock(tidy_mutex);
  tidy_up = std::move(what);
  tidies_up = 1;
}

TidyUp::~TidyUp() {
  const std::lock_guard lock(tidy_mutex);
  tidies_up = 0;
  tidy_up = nullptr;
}

PatientStop::PatientStop() { waits_for_step = true; }
PatientStop::~PatientStop() { waits_for_step = false; }

StopOnSignal::StopOnSignal() {
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Error(ErrorCode::kBackend, std::string("cannot open a pipe: ") + std::strerror(errno));
  }
  write_end = ends[1];
  listener_ = std::jthread([this, read_end = ends[0]] {
    char byte = 0;
    ssize_t got = 0;
    do {
      got = ::read(read_end, &byte, 1);
      if (got == 1 && byte == kStop) {
        if (stop_.stop_requested()) end_now();
        stop_.request_stop();
        end_if_not_ended(read_end);
      }
    } while (got == 1 ? byte != kEnd : got < 0 && errno == EINTR);
    ::close(read_end);
  });
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  // A reader that goes away is an error of the write, which print_line() sees.
  handle(SIGPIPE, SIG_IGN);
  // So is a file that grows beyond what this process may write (`ulimit -f`).
  handle(SIGXFSZ, SIG_IGN);
}

StopOnSignal::~StopOnSignal() {
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
  [[maybe_unused]] const ssize_t written = ::write(write_end, &kEnd, 1);
  listener_.join();
  ::close(write_end);
}

}  // namespace tandem::cli
