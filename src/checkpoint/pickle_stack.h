// The stack and the memo of the machine that reads pickles; taking what is not there is BadFormat.
//
// For one thread.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "checkpoint/pickle_stream.h"
#include "checkpoint/pickle_value.h"

namespace tandem::checkpoint {

class PickleStack {
 public:
  // `stream` says where the reading is, for messages; it must outlive the stack.
  explicit PickleStack(const PickleStream& stream) : stream_(stream) {}

  void push(PickleSlot slot) { slots_.push_back(slot); }
  void push_mark() { marks_.push_back(slots_.size()); }

  // Values may be taken from above the last mark only.
  PickleSlot peek() const {
    if (slots_.size() <= floor()) stream_.reject("takes a value where there is none");
    return slots_.back();
  }
  PickleSlot pop() {
    const PickleSlot slot = peek();
    slots_.pop_back();
    return slot;
  }
  // The last value, or the last mark where it is the upmost.
  void pop_either() {
    if (!marks_.empty() && marks_.back() == slots_.size()) return marks_.pop_back();
    pop();
  }

  // The values above the last mark, which goes, or the `count` upmost ones. They stay until drop().
  std::span<const PickleSlot> above_mark() {
    if (marks_.empty()) stream_.reject("takes a mark where there is none");
    first_ = marks_.back();
    marks_.pop_back();
    return std::span(slots_).subspan(first_);
  }
  std::span<const PickleSlot> top(std::size_t count) {
    if (slots_.size() - floor() < count) stream_.reject("takes {} values where there are fewer", count);
    first_ = slots_.size() - count;
    return std::span(slots_).subspan(first_);
  }
  // The value below those.
  PickleSlot below() const {
    if (first_ <= floor()) stream_.reject("appends to a value that is not there");
    return slots_[first_ - 1];
  }
  void drop() { slots_.resize(first_); }

  void remember(std::uint32_t number) { memo_[number] = peek(); }
  void remember_next() { remember(static_cast<std::uint32_t>(memo_.size())); }
  void recall(std::uint32_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end()) stream_.reject("asks for the value number {}, which was not kept", number);
    push(found->second);
  }

 private:
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  const PickleStream& stream_;
  std::vector<PickleSlot> slots_;
  std::vector<std::size_t> marks_;  // sizes of the stack
  std::size_t first_ = 0;           // where above_mark() and top() begin
  std::unordered_map<std::uint32_t, PickleSlot> memo_;
};

}  // namespace tandem::checkpoint
