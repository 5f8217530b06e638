#include <fmt/format.h>

#include <utility>

#include "datasets/caption_line.h"
#include "datasets/formats.h"
#include "datasets/text_file.h"

namespace tandem::datasets {

void read_json_lines(const FileSystem& files, const std::filesystem::path& file, DatasetBuilder& builder) {
  const TextFile text(files, file);
  TextLines lines = text.lines();
  for_each_caption_line(lines, [&](CaptionLine line) {
    const std::string place = lines.place();
    const std::string id = std::filesystem::path(line.picture).lexically_normal().string();
    const std::size_t image = builder.add_image({id, line.picture, {}}, line.split, place);
    if (!line.unread.empty()) {
      builder.explain(image, fmt::format("not read: \"{}\"", fmt::join(line.unread, "\", \"")));
    }
    for (LineCaption& caption : line.captions) {
      builder.add_caption(image, std::move(caption.text), caption.sort, place);
    }
  });
}

}  // namespace tandem::datasets
