#include "support/medium.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "core/hash.h"

namespace tandem {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kSector = 512;

}  // namespace

std::string name_of(Survival survival) {
  const char* const names[] = {"NothingUnsynced", "EverythingUnsynced", "SomeUnsynced"};
  return names[static_cast<int>(survival)];
}

std::uint64_t digest_of(const FoundFiles& found) {
  std::string all;
  for (const auto& [name, bytes] : found) all += fmt::format("{} {:x}\n", name.string(), checksum64(bytes));
  return checksum64(std::as_bytes(std::span(all)));
}

void Medium::apply(Names& names, const Change& change) {
  if (!change.from.empty()) names.erase(change.from);
  if (change.node == nullptr) {
    names.erase(change.name);
  } else {
    names[change.name] = change.node;
  }
}

void Medium::apply(std::vector<std::byte>& bytes, const Write& write) {
  if (write.truncates) {
    bytes.resize(write.offset);
    return;
  }
  bytes.resize(std::max<std::size_t>(bytes.size(), write.offset + write.bytes.size()));
  std::copy(write.bytes.begin(), write.bytes.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

void Medium::change(Node& folder, Change change) {
  apply(folder.names_now, change);
  folder.changes.push_back(std::move(change));
}

Medium::Node& Medium::folder(const fs::path& path, bool create) {
  Node* node = &top_;
  const fs::path below = path.lexically_relative(root_);
  if (below == ".") return *node;
  for (const fs::path& name : below) {
    auto found = node->names_now.find(name.string());
    if (found == node->names_now.end()) {
      if (!create) throw std::logic_error("a change in a folder that is not there: " + path.string());
      auto made = std::make_shared<Node>();
      made->is_folder = true;
      change(*node, {name.string(), std::move(made), {}});
      found = node->names_now.find(name.string());
    }
    node = found->second.get();
  }
  return *node;
}

std::shared_ptr<Medium::Node> Medium::find(const fs::path& path) {
  const Names& names = folder(path.parent_path(), false).names_now;
  const auto found = names.find(path.filename().string());
  return found == names.end() ? nullptr : found->second;
}

void Medium::apply(const FileEvent& event) {
  const std::string name = event.path.filename().string();
  const auto write = [&](bool truncates) {
    find(event.path)->writes.push_back({truncates, event.offset, event.bytes});
  };
  switch (event.action) {
    case FileAction::kOpen:
      if (find(event.path) == nullptr) {
        change(folder(event.path.parent_path(), false), {name, std::make_shared<Node>(), {}});
      }
      break;
    case FileAction::kWrite:
      write(false);
      break;
    case FileAction::kTruncate:
      write(true);
      break;
    case FileAction::kSync: {
      Node& file = *find(event.path);
      for (const Write& one : file.writes) apply(file.bytes, one);
      file.writes.clear();
      break;
    }
    case FileAction::kCreateFolder:
      folder(event.path, true);
      break;
    case FileAction::kRename:
      change(folder(event.to.parent_path(), false), {event.to.filename().string(), find(event.path), name});
      break;
    case FileAction::kRemove:
      change(folder(event.path.parent_path(), false), {name, nullptr, {}});
      break;
    case FileAction::kSyncFolder: {
      Node& synced = folder(event.path, false);
      synced.names = synced.names_now;
      synced.changes.clear();
      break;
    }
    default:
      throw std::logic_error("an event that changes nothing");
  }
}

class Medium::PowerLoss {
 public:
  PowerLoss(Survival survival, std::uint32_t seed) : survival_(survival), random_(seed) {}

  void visit(const Node& folder, const fs::path& path) {
    Names names = folder.names;
    for (const Change& change : folder.changes) {
      if (survives()) apply(names, change);
    }
    for (const auto& [name, node] : names) {
      if (node->is_folder) {
        visit(*node, path / name);
      } else {
        found_[path / name] = content(*node);
      }
    }
  }
  FoundFiles take() { return std::move(found_); }

 private:
  bool survives() {
    return survival_ == Survival::kEverything || (survival_ == Survival::kSome && random_() % 2 == 0);
  }

  std::vector<std::byte> content(const Node& file) {
    std::vector<std::byte> bytes = file.bytes;
    for (const Write& write : file.writes) {
      if (survival_ == Survival::kSome && !write.truncates) {
        write_sectors(bytes, write);
      } else if (survives()) {
        apply(bytes, write);
      }
    }
    return bytes;
  }

  // A write may be torn: sectors of the medium come through one by one.
  void write_sectors(std::vector<std::byte>& bytes, const Write& write) {
    const std::uint64_t end = write.offset + write.bytes.size();
    for (std::uint64_t at = write.offset; at < end;) {
      const std::uint64_t next = std::min(end, (at / kSector + 1) * kSector);
      const auto from = write.bytes.begin() + static_cast<std::ptrdiff_t>(at - write.offset);
      if (survives()) apply(bytes, Write{false, at, {from, from + static_cast<std::ptrdiff_t>(next - at)}});
      at = next;
    }
  }

  Survival survival_;
  std::mt19937 random_;
  FoundFiles found_;
};

FoundFiles Medium::lose_power(Survival survival, std::uint32_t seed) const {
  PowerLoss loss(survival, seed);
  loss.visit(top_, {});
  return loss.take();
}

}  // namespace tandem
