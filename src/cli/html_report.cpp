#include "cli/html_report.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "cli/output.h"
#include "tandem/error.h"

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStyle = R"(
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
  h1 { font-size: 1.6rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
  .about { color: #767676; margin: .25rem 0 1.5rem; }
  .query img { max-height: 12rem; border-radius: .5rem; }
  .hits { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr));
          list-style: none; margin: 0; padding: 0; }
  .hits li { border: 1px solid #8884; border-radius: .6rem; overflow: hidden; }
  .hits img { display: block; width: 100%; height: 13rem; object-fit: contain; background: #8882; }
  .none { display: grid; height: 13rem; place-items: center; padding: 1rem; background: #8882; color: #767676; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: 0 .75rem; margin: .75rem; font-size: .9rem; }
  dt { color: #767676; }
  dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
)";

// By the first bytes, as names lie; nothing for what browsers do not show.
const char* media_type(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (bytes.starts_with("\x89PNG")) return "image/png";
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return "image/webp";
  return nullptr;
}

std::string missing(const std::string& why) { return "<div class=\"none\">" + escape_html(why) + "</div>"; }

// The picture itself, or a sentence in its place.
std::string picture(const fs::path& path, std::uintmax_t max_bytes) {
  std::error_code error;
  const std::uintmax_t size = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
  if (error || size == 0) return missing("the file is no longer there");
  if (size > max_bytes) return missing("not shown: the file has " + bytes_of(size));
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const char* type = media_type(bytes);
  if (!file || type == nullptr) return missing("the file is no longer a picture that can be shown");
  return "<img alt=\"" + escape_html(one_line(path.filename().string())) + "\" src=\"data:" + type +
         ";base64," + base64(bytes) + "\">";
}

std::string number(float value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.4f", static_cast<double>(value));
  return text.data();
}

std::string row(const std::string& name, const std::string& value) {
  return "<dt>" + name + "</dt><dd>" + escape_html(one_line(value)) + "</dd>";
}

std::string models_of(const GalleryInfo& gallery) {
  return gallery.model.family + " model" +
         (gallery.reranker ? ", reranked by a " + gallery.reranker->family + " model" : "");
}

std::string hit_item(const Hit& hit, std::uintmax_t max_bytes) {
  std::string item = "<li>" + picture(hit.photo, max_bytes) + "<dl>" + row("rank", std::to_string(hit.rank)) +
                     row("similarity", number(hit.similarity));
  if (hit.logit) item += row("match logit", number(*hit.logit));
  if (hit.probability) item += row("probability", number(*hit.probability));
  return item + row("file", hit.path.string()) + "</dl></li>\n";
}

}  // namespace

std::string html_report(const SearchReport& report, std::uintmax_t max_embedded_bytes) {
  const std::string title = escape_html(report.text.empty() ? "Pictures like this one" : report.text);
  std::string page =
      "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      title + " – tandem</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n";
  page += "<p class=\"about\">" + count_of(report.hits.size(), "hit") + " among " +
          count_of(report.gallery.images, "picture") + " in " +
          escape_html(one_line(report.gallery.path.string())) + ", " +
          escape_html(models_of(report.gallery)) + "</p>\n";
  if (!report.image.empty()) {
    page += "<p class=\"query\">" + picture(report.image, max_embedded_bytes) + "</p>\n";
  }
  page += "<ol class=\"hits\">\n";
  for (const Hit& hit : report.hits) page += hit_item(hit, max_embedded_bytes);
  return page + "</ol>\n</body>\n</html>\n";
}

void write_html_report(const fs::path& file, const SearchReport& report) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << html_report(report) << std::flush;
  if (!out) {
    throw Error(ErrorCode::kBackend, file.string() + ": cannot write: " + std::strerror(errno) +
                                         "; name a file in a folder that is there and writable");
  }
}

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += j <= count ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

}  // namespace tandem::cli
