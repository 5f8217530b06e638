#include "gallery/rebuilt_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/hash.h"
#include "gallery/row_claims.h"

namespace tandem::gallery {
namespace {

namespace fs = std::filesystem;

// Where nobody knows which ids were given to what is gone, this many are passed over: none is used again.
constexpr std::int64_t kUnknownIds = 1'000'000;

class Rebuilder {
 public:
  Rebuilder(SalvagedRows rows, const Manifest& manifest, const FileSystem& files, const fs::path& folder)
      : rows_(std::move(rows)), manifest_(manifest), files_(files), folder_(folder) {}

  RebuiltCatalogue rebuild() {
    contents_.manifest = manifest_;
    for (auto& [id, folder] : rows_.folders) {
      if (stored_folders_.emplace(folder.folder.relative, folder.folder.path).second) folders_[id] = folder;
    }
    take_images();
    take_skips();
    for (auto& hint : best_hints(rows_.image_hints)) take_hint(std::move(hint));
    take_captions();
    lay_out();
    for (auto& [id, folder] : folders_) contents_.folders.push_back(std::move(folder));
    make_state();
    return {std::move(contents_), first_new_segment_, std::move(losses_)};
  }

 private:
  template <typename... Args>
  void lost(fmt::format_string<Args...> format, Args&&... args) {
    losses_.push_back(
        fmt::format("{}: {}", kCatalogueName, fmt::format(format, std::forward<Args>(args)...)));
  }

  bool is_there(const fs::path& path, FileKind kind) const {
    try {
      return files_.status(path).kind == kind;
    } catch (const Error&) {
      return false;
    }
  }

  // Those with the same id: the one that leads to a file or folder, else that of an index, which is of
  // another page than the damaged row.
  std::vector<PathHint> best_hints(std::vector<PathHint>& hints) const {
    std::stable_sort(hints.begin(), hints.end(), [](const PathHint& a, const PathHint& b) {
      return a.id != b.id ? a.id < b.id : a.of_row < b.of_row;
    });
    std::vector<PathHint> best;
    for (PathHint& hint : hints) {
      if (!is_possible(hint)) continue;
      if (best.empty() || best.back().id != hint.id) {
        best.push_back(std::move(hint));
      } else if (!is_picture(best.back()) && is_picture(hint)) {
        best.back() = std::move(hint);
      }
    }
    return best;
  }

  fs::path path_of(std::int64_t folder, const std::string& name) const {
    return absolute_folder(folder_, folders_.at(folder).folder) / name;
  }

  bool is_picture(const PathHint& hint) const {
    return is_there(path_of(hint.parent, hint.name), FileKind::kRegular);
  }

  // A name without a checksum is believed where it fits all else that is known; that of an index only where
  // it leads to a file, as indexes of other tables look alike.
  bool is_possible(const PathHint& hint) const {
    const bool is_name = hint.name.find_first_of(std::string_view("/\0", 2)) == std::string::npos &&
                         hint.name != "." && hint.name != ".." && !hint.name.empty();
    return hint.id > 0 && is_name && !rows_.images.contains(hint.id) && folders_.contains(hint.parent) &&
           !taken_.contains({hint.parent, hint.name}) && (hint.of_row || is_picture(hint));
  }

  // Makes sure that a folder has a path. Where nobody knows it, it gets one that is not there, so that its
  // pictures are found again by their content when they are indexed from where they are.
  void require_folder(std::int64_t id) {
    if (folders_.contains(id)) return;
    StoredFolder found{true, fmt::format("lost-folder-{}", id)};
    const bool known =
        std::any_of(rows_.folder_hints.begin(), rows_.folder_hints.end(), [&](const auto& hint) {
          const StoredFolder stored{hint.parent == 1, hint.name};
          if (hint.id != id || hint.name.find('\0') != std::string::npos ||
              !is_there(absolute_folder(folder_, stored), FileKind::kFolder) ||
              !stored_folders_.emplace(stored.relative, stored.path).second) {
            return false;
          }
          found = stored;
          return true;
        });
    if (!known) {
      lost("the path of folder {} is lost, its pictures now stand under {}; index the folder where they are",
           id, absolute_folder(folder_, found).string());
    }
    folders_[id] = {id, found};
  }

  void take_images() {
    // From the highest id down: of two pictures with the same path the later one replaced the other.
    for (auto at = rows_.images.rbegin(); at != rows_.images.rend(); ++at) {
      if (!taken_.emplace(at->second.folder, at->second.name).second) continue;
      require_folder(at->second.folder);
      contents_.images.push_back(at->second);
    }
  }

  void take_skips() {
    for (StoredSkip& skip : rows_.skipped) {
      if (!taken_.emplace(skip.folder, skip.name).second) continue;
      require_folder(skip.folder);
      contents_.skipped.push_back(std::move(skip));
    }
  }

  // All that is left of a picture is its path: the rest is made anew from its file.
  void take_hint(PathHint hint) {
    if (!taken_.emplace(hint.parent, hint.name).second) return;
    lost("the record of picture {} ({}) is damaged", hint.id, path_of(hint.parent, hint.name).string());
    StoredImage image;
    image.record.id = hint.id;
    image.folder = hint.parent;
    image.name = std::move(hint.name);
    contents_.images.push_back(std::move(image));
  }

  void take_captions() {
    std::sort(contents_.images.begin(), contents_.images.end(),
              [](const StoredImage& a, const StoredImage& b) { return a.record.id < b.record.id; });
    for (auto& [id, caption] : rows_.captions) {
      if (std::binary_search(contents_.images.begin(), contents_.images.end(), caption,
                             [](const auto& a, const auto& b) { return image_of(a) < image_of(b); })) {
        contents_.captions.push_back(std::move(caption));
      } else {
        lost("caption {} (\"{}\") is of picture {}, which is lost", id, caption.record.text.text,
             caption.record.image);
      }
    }
    for (const std::string& text : rows_.damaged_captions) {
      lost("a caption is damaged; as far as it can be read: \"{}\"", text);
    }
  }

  static ImageId image_of(const StoredImage& image) { return image.record.id; }
  static ImageId image_of(const StoredCaption& caption) { return caption.record.image; }

  void lay_out() {
    first_new_segment_ = next_segment();
    RowClaims claims(manifest_, rows_.segments, first_new_segment_);
    for (StoredImage& image : contents_.images) {
      claims.add(image.embedding, SegmentKind::kImages, manifest_.embedding_rows);
      if (manifest_.tokens == TokenStorage::kNone) {
        image.tokens = Extent();
      } else {
        claims.add(image.tokens, SegmentKind::kTokens, 0);
      }
    }
    for (StoredCaption& caption : contents_.captions) {
      claims.add(caption.embedding, SegmentKind::kCaptions, 1);
    }
    claims.settle();
    contents_.segments = claims.segments();
    contents_.holes = claims.holes();
  }

  std::int64_t next_segment() const {
    std::int64_t next = rows_.state ? rows_.state->next_segment : 1;
    const auto note = [&](std::int64_t id) { next = std::max(next, id + 1); };
    for (const auto& [id, segment] : rows_.segments) note(id);
    for (const auto& image : contents_.images) {
      note(image.embedding.segment);
      note(image.tokens.segment);
    }
    for (const auto& caption : contents_.captions) note(caption.embedding.segment);
    return next;
  }

  void make_state() {
    StateRecord& state = contents_.state;
    const std::int64_t unknown = rows_.state ? 0 : kUnknownIds;
    if (rows_.state) state = *rows_.state;
    const auto raise = [&](std::int64_t& next, std::int64_t highest) {
      next = std::max(next, highest + 1 + unknown);
    };
    raise(state.generation, state.generation);
    raise(state.next_folder, folders_.empty() ? 0 : contents_.folders.back().id);
    raise(state.next_image, contents_.images.empty() ? 0 : contents_.images.back().record.id);
    raise(state.next_caption, contents_.captions.empty() ? 0 : contents_.captions.back().record.id);
    for (const SegmentRecord& segment : contents_.segments) {
      state.next_segment = std::max(state.next_segment, segment.id + 1);
    }
    const auto count = [&](std::int64_t& counted, std::size_t found, const char* what) {
      const auto now = static_cast<std::int64_t>(found);
      if (rows_.state && counted > now) lost("{} of {} {} are lost", counted - now, counted, what);
      counted = now;
    };
    count(state.images, contents_.images.size(), "pictures");
    count(state.captions, contents_.captions.size(), "captions");
    count(state.skipped, contents_.skipped.size(), "skipped files");
  }

  SalvagedRows rows_;
  const Manifest& manifest_;
  const FileSystem& files_;
  fs::path folder_;
  CatalogueContents contents_;
  std::int64_t first_new_segment_ = 0;
  std::vector<std::string> losses_;
  std::map<std::int64_t, FolderRecord> folders_;
  std::set<std::pair<bool, std::string>> stored_folders_;
  std::set<std::pair<std::int64_t, std::string>> taken_;  // folder and name, of pictures and skipped files
};

}  // namespace

RebuiltCatalogue rebuild_catalogue(SalvagedRows rows, const Manifest& manifest, const FileSystem& files,
                                   const fs::path& folder) {
  return Rebuilder(std::move(rows), manifest, files, folder).rebuild();
}

}  // namespace tandem::gallery
