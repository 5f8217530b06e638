#include "gallery/lock_text.h"

#include <unistd.h>

#include <array>

#include "core/fail.h"
#include "core/hash.h"

namespace tandem::gallery {
namespace {

constexpr std::uint64_t kMaxLockBytes = 1024;

std::string with_checksum(std::string_view line) {
  return fmt::format("{}\n{:016x}\n", line, checksum64(std::as_bytes(std::span(line))));
}

}  // namespace

std::string lock_text() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return with_checksum(fmt::format("process {} on {}", ::getpid(), host.data()));
}

void require_lock_text(const FileSystem& files, const std::filesystem::path& path) {
  if (files.status(path).kind == FileKind::kMissing) return;
  const auto bytes = files.read(path, kMaxLockBytes);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.empty() || text == with_checksum(text.substr(0, text.find('\n')))) return;
  fail(ErrorCode::kBadFormat, "{}: its {} bytes are not what a writer wrote; delete it while nobody writes",
       path.string(), text.size());
}

}  // namespace tandem::gallery
