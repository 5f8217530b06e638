// From the names of our modules to the names in a family's checkpoints.
//
// An immutable value.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace tandem::models {

// Where `ours` stands in a name it is replaced by `theirs`, once. Several of `theirs` mean that the
// checkpoint keeps in parts, along the first dimension, what is one tensor here.
struct Rename {
  std::string ours;
  std::vector<std::string> theirs;
};

// For the names that begin with `ours`: another beginning, then the renames, in order.
struct NameSection {
  std::string ours;
  std::string theirs;
  std::vector<Rename> renames = {};
};

class NameMap {
 public:
  // The first section that fits a name decides; a name that none fits stays as it is.
  NameMap(std::initializer_list<NameSection> sections) : sections_(sections) {}
  explicit NameMap(std::vector<NameSection> sections) : sections_(std::move(sections)) {}
  // The sections of both, those of `first` before the others.
  friend NameMap operator+(NameMap first, const NameMap& second) {
    first.sections_.insert(first.sections_.end(), second.sections_.begin(), second.sections_.end());
    return first;
  }

  // "text.0.attention.qkv.bias" -> {"encoder.0.q.bias", "encoder.0.k.bias", "encoder.0.v.bias"}
  std::vector<std::string> checkpoint_names(const std::string& ours) const;

 private:
  std::vector<NameSection> sections_;
};

}  // namespace tandem::models
