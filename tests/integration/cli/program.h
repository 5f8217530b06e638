// Runs a program without a shell, and tells what became of it.
//
// For one thread. A Program that still runs is killed by the destructor.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tandem {

struct Outcome {
  int status = -1;  // exit status; -1 where a signal ended it
  int signal = 0;
  std::string out;
  std::string err;
};

class Program {
 public:
  // `out`: a file to write standard output to; empty collects it. "closed" gives it a pipe that nobody
  // reads. `prepare` is called in the new process before the program begins; it may only make system calls.
  explicit Program(std::vector<std::string> arguments, const std::string& out = {},
                   const std::function<void()>& prepare = {}) {
    int out_pipe[2];
    int err_pipe[2];
    if (::pipe2(out_pipe, O_CLOEXEC) != 0 || ::pipe2(err_pipe, O_CLOEXEC) != 0)
      throw std::runtime_error("pipe");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    if (out == "closed") ::close(out_pipe[0]);
    pid_ = ::fork();
    if (pid_ == 0) {
      const bool to_file = !out.empty() && out != "closed";
      ::dup2(to_file ? ::open(out.c_str(), O_WRONLY) : out_pipe[1], STDOUT_FILENO);
      ::dup2(err_pipe[1], STDERR_FILENO);
      if (prepare) prepare();
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(out_pipe[1]);
    ::close(err_pipe[1]);
    err_ = err_pipe[0];
    if (out != "closed") {
      reader_ = std::thread([this, from = out_pipe[0]] {
        outcome_.out = read_all(from);
        ::close(from);
      });
    }
  }
  ~Program() {
    if (pid_ > 0) {
      kill(SIGKILL);
      wait();
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void kill(int signal) { ::kill(pid_, signal); }

  // Waits until standard error holds `text`; false if it ended without.
  bool wait_for_error_text(const std::string& text) {
    while (outcome_.err.find(text) == std::string::npos) {
      const std::string more = read_some(err_);
      if (more.empty()) return false;
      outcome_.err += more;
    }
    return true;
  }

  // Waits for its end.
  Outcome wait() {
    outcome_.err += read_all(err_);
    ::close(err_);
    if (reader_.joinable()) reader_.join();
    int state = 0;
    while (::waitpid(pid_, &state, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFEXITED(state)) outcome_.status = WEXITSTATUS(state);
    if (WIFSIGNALED(state)) outcome_.signal = WTERMSIG(state);
    return outcome_;
  }

 private:
  // Empty at the end.
  static std::string read_some(int from) {
    char buffer[4096];
    ssize_t got = 0;
    do {
      got = ::read(from, buffer, sizeof buffer);
    } while (got < 0 && errno == EINTR);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
  }
  static std::string read_all(int from) {
    std::string all;
    for (std::string more = read_some(from); !more.empty(); more = read_some(from)) all += more;
    return all;
  }

  pid_t pid_ = -1;
  int err_ = -1;
  Outcome outcome_;
  std::thread reader_;
};

}  // namespace tandem
