#include "core/fail.h"
#include "datasets/caption_line.h"
#include "datasets/formats.h"
#include "datasets/text_file.h"

namespace tandem::datasets {

void read_json_lines(const FileSystem& files, const std::filesystem::path& file, DatasetBuilder& builder) {
  TextFile lines(files, file);
  for (std::string_view text; lines.next(text);) {
    if (is_blank(text)) continue;
    const std::string place = lines.place();
    CaptionLine line;
    try {
      line = parse_caption_line(text);
    } catch (const Error& error) {
      fail(error.code(), "{}: {}; mend or remove the line", place, error.what());
    }
    const std::string id = std::filesystem::path(line.picture).lexically_normal().string();
    const std::size_t image = builder.add_image({id, line.picture, {}}, line.split, Naming::kOften, place);
    for (LineCaption& caption : line.captions) {
      builder.add_caption(image, std::move(caption.text), caption.sort, place);
    }
  }
}

}  // namespace tandem::datasets
