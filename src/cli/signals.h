// Ctrl-C and SIGTERM as a request to stop.
//
// One object lives at a time, made before other threads need it.
#pragma once

#include <functional>
#include <stop_token>
#include <thread>

namespace tandem::cli {

// The first signal requests a stop, so that the program commits what is done and ends by itself. Where it
// has not ended 0.8 seconds later (a forward pass, a slow disk), or by a second signal, it is ended at once
// with status 130.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread listener_;
};

// While it lives, the first signal waits for the step to end, however long that takes: where what was done
// since the last commit would be missed. The second one ends the program. One object lives at a time.
class PatientStop {
 public:
  PatientStop();
  ~PatientStop();
  PatientStop(const PatientStop&) = delete;
  PatientStop& operator=(const PatientStop&) = delete;
};

// What is done before a signal ends the program in the middle of a step, on a thread of its own; it must not
// throw. One object lives at a time.
class TidyUp {
 public:
  explicit TidyUp(std::function<void()> what);
  ~TidyUp();
  TidyUp(const TidyUp&) = delete;
  TidyUp& operator=(const TidyUp&) = delete;
};

}  // namespace tandem::cli
