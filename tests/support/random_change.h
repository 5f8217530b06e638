// Changes of a gallery at random, that mean the same to every writer.
//
// Values and free functions.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>

#include "support/made_gallery.h"
#include "tandem/gallery_writer.h"

namespace tandem {

enum class ChangeKind { kAdd, kRemove, kRemoveFolder, kMove, kAddCopy, kAddCaption, kAddSkipped };

struct Change {
  ChangeKind kind;
  std::uint32_t from;     // number of a path
  std::uint32_t to;       // and of another one
  std::uint32_t content;  // number of a made-up picture

  std::string text() const {
    constexpr std::array kNames = {"add",      "remove",      "remove_folder", "move",
                                   "add_copy", "add_caption", "add_skipped"};
    return fmt::format("{}({}, {}, {})", kNames[static_cast<std::size_t>(kind)], from, to, content);
  }
};

inline constexpr std::uint32_t kChangePaths = 24;

// Paths in folders within each other, so that removing a folder takes some along.
inline std::filesystem::path path_number(std::uint32_t number) {
  const std::array<const char*, 3> folders = {"/pictures", "/pictures/a", "/pictures/a/b"};
  return std::filesystem::path(folders[number % 3]) / fmt::format("{}.jpg", number % kChangePaths);
}

inline Change random_change(std::mt19937& random) {
  constexpr std::array kKinds = {ChangeKind::kAdd,     ChangeKind::kAdd,        ChangeKind::kAdd,
                                 ChangeKind::kAdd,     ChangeKind::kAdd,        ChangeKind::kRemove,
                                 ChangeKind::kMove,    ChangeKind::kMove,       ChangeKind::kAddCopy,
                                 ChangeKind::kAddCopy, ChangeKind::kAddCaption, ChangeKind::kAddSkipped};
  Change change{};
  change.kind = random() % 40 == 0 ? ChangeKind::kRemoveFolder : kKinds[random() % kKinds.size()];
  change.from = random() % kChangePaths;
  change.to = random() % kChangePaths;
  change.content = random() % 100;
  return change;
}

// Makes the change, as far as it can be made. Returns what the writer answered, a refusal included.
inline std::string make_change(GalleryWriter& writer, const Change& change) {
  NewImage image = made_image("/", change.content, writer.info().embedding_rows);
  for (std::size_t i = 0; i < image.encoded.tokens.size(); ++i) {
    float& value = image.encoded.tokens.data()[i];
    value = std::round(value * 256) / 256;  // which fp16 stores as it is
  }
  const auto found = writer.find(path_number(change.from));
  const ImageId id = found ? found->id : 1'000'000;
  try {
    switch (change.kind) {
      case ChangeKind::kAdd:
        image.record.path = path_number(change.from);
        return fmt::format("id {}", writer.add(image));
      case ChangeKind::kRemove:
        return fmt::format("{} removed", writer.remove(path_number(change.from)));
      case ChangeKind::kRemoveFolder:
        return fmt::format("{} removed", writer.remove(path_number(change.from).parent_path()));
      case ChangeKind::kMove:
        image.record.id = id;
        image.record.path = path_number(change.to);
        writer.update(image.record);
        return "moved";
      case ChangeKind::kAddCopy:
        image.record.path = path_number(change.to);
        return fmt::format("id {}", writer.add_copy(id, image.record, image.captions));
      case ChangeKind::kAddCaption:
        return fmt::format("id {}", writer.add_caption(id, made_image("/", 1).captions.at(0)));
      case ChangeKind::kAddSkipped:
        writer.add_skipped(
            {path_number(change.from), image.record.stamp, ErrorCode::kBadFormat, "made unreadable"});
        return "skipped";
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound && error.code() != ErrorCode::kInvalidArgument) throw;
    return to_string(error.code());
  }
  return "nothing";
}

}  // namespace tandem
