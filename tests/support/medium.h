// A model of what is on a medium when the power goes: only what was synced is sure to be there.
//
// A file has the bytes of its last sync, a folder the names of its last sync_folder(). What came later may be
// there or not, in any combination: of a write any of its sectors.
//
// For one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/recording_file_system.h"

namespace tandem {

// What survives of that which was not synced. All three are allowed.
enum class Survival { kNothing, kEverything, kSome };
std::string name_of(Survival survival);

// Files by their path below the root.
using FoundFiles = std::map<std::filesystem::path, std::vector<std::byte>>;
// Of all names and bytes.
std::uint64_t digest_of(const FoundFiles& found);

class Medium {
 public:
  // Starts with an empty folder `root`, which is durable itself. Events elsewhere are ignored.
  explicit Medium(std::filesystem::path root) : root_(std::move(root)) {}

  void apply(const FileEvent& event);
  // What is found if the power goes now; `seed` chooses what survives of kSome.
  FoundFiles lose_power(Survival survival, std::uint32_t seed) const;

 private:
  // Something that happened to a file since its last sync.
  struct Write {
    bool truncates;
    std::uint64_t offset;  // or the new size
    std::vector<std::byte> bytes;
  };
  struct Node;
  // Something that happened to the names in a folder since its last sync.
  struct Change {
    std::string name;
    std::shared_ptr<Node> node;  // null: the name went
    std::string from;            // of a rename: this name went too
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  struct Node {
    bool is_folder = false;
    std::vector<std::byte> bytes;  // of a file, at its last sync
    std::vector<Write> writes;
    Names names;  // of a folder, at its last sync
    Names names_now;
    std::vector<Change> changes;
  };
  class PowerLoss;

  static void apply(Names& names, const Change& change);
  static void apply(std::vector<std::byte>& bytes, const Write& write);
  static void change(Node& folder, Change change);
  Node& folder(const std::filesystem::path& path, bool create);
  std::shared_ptr<Node> find(const std::filesystem::path& path);

  std::filesystem::path root_;
  Node top_{.is_folder = true, .bytes = {}, .writes = {}, .names = {}, .names_now = {}, .changes = {}};
};

}  // namespace tandem
