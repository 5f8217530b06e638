#include "cli/html.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

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
  .none { display: grid; height: 13rem; place-items: center; padding: 1rem; background: #8882; color: #767676; }
)";

// By the first bytes, as names lie; nothing for what browsers do not show.
const char* media_type(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (bytes.starts_with("\x89PNG")) return "image/png";
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return "image/webp";
  return nullptr;
}

std::string missing(const std::string& why) { return "<div class=\"none\">" + escape_html(why) + "</div>"; }

}  // namespace

std::string html_page(const std::string& title, const std::string& style, const std::string& body) {
  return "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         title + " – tandem</title>\n<style>" + kStyle + style + "</style>\n</head>\n<body>\n" + body +
         "</body>\n</html>\n";
}

void write_html(const fs::path& file, const std::string& page) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << page << std::flush;
  if (!out) {
    throw Error(ErrorCode::kBackend, file.string() + ": cannot write: " + std::strerror(errno) +
                                         "; name a file in a folder that is there and writable");
  }
}

std::string picture_html(const fs::path& path, std::uintmax_t max_bytes) {
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
