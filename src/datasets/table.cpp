// Tables with a header: comma-separated with quotes, or tab-separated without.
#include <initializer_list>
#include <optional>
#include <utility>

#include "core/ascii.h"
#include "core/fail.h"
#include "datasets/formats.h"
#include "datasets/text_file.h"

namespace tandem::datasets {
namespace {

// Rows of fields. In quotes a field may go over several lines.
class Rows {
 public:
  Rows(TextLines lines, char separator, bool quotes)
      : lines_(std::move(lines)), separator_(separator), quotes_(quotes) {}

  // False at the end. Throws BadFormat for quotes that do not end, or that end in the middle of a field.
  bool next(std::vector<std::string>& fields) {
    fields.clear();
    do {
      if (!lines_.next(line_)) return false;
    } while (is_blank(line_));
    place_ = lines_.place();
    do {
      fields.push_back(quotes_ && line_.starts_with('"') ? quoted_field() : plain_field());
    } while (more_);
    return true;
  }
  // Of the line on which the row begins.
  const std::string& place() const { return place_; }

 private:
  std::string plain_field() {
    const std::string_view field = line_.substr(0, line_.find(separator_));
    end_field(field.size());
    return std::string(field);
  }

  std::string quoted_field() {
    std::string field;
    line_.remove_prefix(1);
    for (;;) {
      const std::size_t quote = line_.find('"');
      field += line_.substr(0, quote);
      if (field.size() > kMaxLineBytes) break;
      if (quote == line_.npos) {
        field += '\n';
        if (!lines_.next(line_)) break;
        continue;
      }
      line_.remove_prefix(quote + 1);
      if (!line_.starts_with('"')) {
        if (!line_.empty() && line_.front() != separator_) {
          fail(ErrorCode::kBadFormat,
               "{}: a quote in the middle of a field; inside quotes it is written twice", lines_.place());
        }
        end_field(0);
        return field;
      }
      field += '"';
      line_.remove_prefix(1);
    }
    fail(ErrorCode::kBadFormat, "{}: a quote that does not end; inside quotes a quote is written twice",
         place_);
  }

  // Passes over the rest of a field, and the separator where there is one.
  void end_field(std::size_t length) {
    line_.remove_prefix(length);
    more_ = !line_.empty();
    if (more_) line_.remove_prefix(1);
  }

  TextLines lines_;
  char separator_;
  bool quotes_;
  std::string_view line_;
  bool more_ = false;
  std::string place_;
};

// The first column with one of some names.
std::optional<std::size_t> column(const std::vector<std::string>& header,
                                  std::initializer_list<const char*> names) {
  for (const char* name : names) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (ascii_lower(header[i]) == name) return i;
    }
  }
  return std::nullopt;
}

}  // namespace

void read_table(const FileSystem& files, const std::filesystem::path& file, DatasetBuilder& builder) {
  const bool commas = ascii_lower(file.extension().string()) == ".csv";
  const TextFile text_file(files, file);
  Rows rows(text_file.lines(), commas ? ',' : '\t', commas);
  std::vector<std::string> header;
  rows.next(header);
  const auto picture = column(header, {"file", "image", "filepath", "path", "filename"});
  const auto text = column(header, {"caption", "text", "title", "sentence"});
  if (!picture || !text) {
    fail(ErrorCode::kBadFormat,
         "{}: the first line has no column {}; a header with \"file\" and \"caption\" is wanted, {} between "
         "them",
         file.string(), picture ? "\"caption\"" : "\"file\"", commas ? "commas" : "tabs");
  }
  const auto language = column(header, {"language", "lang"});
  const auto split = column(header, {"split"});
  for (std::vector<std::string> row; rows.next(row);) {
    if (row.size() != header.size()) {
      fail(ErrorCode::kBadFormat, "{}: has {} fields, the header has {}; mend or remove the line",
           rows.place(), row.size(), header.size());
    }
    const std::string& name = row[*picture];
    const std::string id = std::filesystem::path(name).lexically_normal().string();
    const std::size_t image = builder.add_image({id, name, {}}, split ? row[*split] : "", rows.place());
    builder.add_caption(image, {row[*text], language ? row[*language] : ""}, {}, rows.place());
  }
}

}  // namespace tandem::datasets
