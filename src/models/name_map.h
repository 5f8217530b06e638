// From the names of our modules to the names in a family's checkpoints.
//
// An immutable value.
#pragma once

#include <cstddef>
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
  bool transposed = false;  // the checkpoint has rows for columns; for matrices in one part
};

// Where a parameter of ours is in a checkpoint.
struct StoredNames {
  std::vector<std::string> parts;
  bool transposed = false;
};

class NameMap {
 public:
  // The first section that fits a name decides; a name that none fits stays as it is.
  NameMap(std::initializer_list<NameSection> sections) : NameMap(std::vector<NameSection>(sections)) {}
  explicit NameMap(std::vector<NameSection> sections) : layouts_{std::move(sections)} {}
  // The sections of both, those of `first` before the others. Of maps with one layout.
  friend NameMap operator+(NameMap first, const NameMap& second);
  // For checkpoints of several layouts, as a port and its original: the layouts of both.
  friend NameMap operator|(NameMap first, const NameMap& second);

  std::size_t layouts() const { return layouts_.size(); }
  // "text.0.attention.qkv.bias" -> {"encoder.0.q.bias", "encoder.0.k.bias", "encoder.0.v.bias"}
  StoredNames checkpoint_names(const std::string& ours, std::size_t layout = 0) const;

 private:
  std::vector<std::vector<NameSection>> layouts_;
};

}  // namespace tandem::models
