// What the pages that the command writes have in common: each is complete in one file.
//
// Thread-safe: free functions on values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace tandem::cli {

// `title` and `body` are HTML; `style` is added to the style that all pages have.
std::string html_page(const std::string& title, const std::string& style, const std::string& body);

// Throws Backend where the file cannot be written.
void write_html(const std::filesystem::path& file, const std::string& page);

// The picture itself, in an <img>; a sentence in its place where the file has more than `max_bytes`, is gone
// or is no picture.
std::string picture_html(const std::filesystem::path& path, std::uintmax_t max_bytes);

// `text` for any place in HTML, attributes too; bytes that are not UTF-8 are left for the browser to show.
std::string escape_html(std::string_view text);

std::string base64(std::string_view bytes);

}  // namespace tandem::cli
