#include "checkpoint/torch_file.h"

#include <cstring>
#include <map>
#include <utility>

#include "checkpoint/json.h"
#include "checkpoint/pickle_reader.h"
#include "checkpoint/zip_archive.h"
#include "core/fail.h"
#include "core/utf8.h"

namespace tandem::checkpoint {
namespace {

constexpr std::string_view kPickle = "/data.pkl";
constexpr const char* kMagic = "1950a86a20f9469cfc6c";  // as hexadecimal digits
constexpr std::int64_t kProtocol = 1001;

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[noreturn]] void refuse_big_endian(const std::string& place) {
  fail(ErrorCode::kUnsupported,
       "{}: its numbers are big-endian, little-endian is wanted; load and save it on a little-endian machine",
       place);
}

std::uint64_t byte_size(const PickleStorage& storage) { return storage.count * byte_width(storage.dtype); }

PickleValue finish(ReadPickle read, std::shared_ptr<const StorageSource> source) {
  read.heap->source = std::move(source);
  return {std::move(read.heap), read.root};
}

// Storages as entries FOLDER/data/KEY.
class ZipStorages final : public StorageSource {
 public:
  ZipStorages(std::shared_ptr<const ZipArchive> archive, std::string folder, std::string place)
      : archive_(std::move(archive)), folder_(std::move(folder)), place_(std::move(place)) {}

  StoredBytes read(const PickleStorage& storage) const override {
    if (storage.count == 0) return own({});
    const std::string name = fmt::format("{}/data/{}", folder_, storage.key);
    const std::uint64_t wanted = byte_size(storage);
    if (!archive_->contains(name)) {
      fail(ErrorCode::kBadFormat, "{}: the storage {} is missing; is the file whole?", place_,
           shown(std::string(storage.key)));
    }
    StoredBytes found = archive_->read(name, wanted);
    if (found.bytes.size() == wanted) return found;
    fail(ErrorCode::kBadFormat, "{}: the storage {} has {} bytes, {} are wanted; is the file whole?", place_,
         shown(std::string(storage.key)), found.bytes.size(), wanted);
  }

 private:
  std::shared_ptr<const ZipArchive> archive_;
  std::string folder_;
  std::string place_;
};

PickleValue read_zip(std::shared_ptr<const MappedFile> file, const std::string& place) {
  const std::uint64_t most = file->bytes().size();
  const auto archive = std::make_shared<const ZipArchive>(std::move(file), place);
  for (const std::string& name : archive->names()) {
    const std::string folder = name.substr(0, name.find('/'));
    if (name != folder + std::string(kPickle)) continue;
    const std::string order = folder + "/byteorder";
    if (archive->contains(order) && as_text(archive->read(order, 64).bytes) != "little")
      refuse_big_endian(place);
    // The objects of numpy alone are in the pickle itself; packed they may be smaller.
    const StoredBytes pickle = archive->read(name, 64 * most);
    return finish(read_pickle(pickle, 0, place), std::make_shared<ZipStorages>(archive, folder, place));
  }
  fail(ErrorCode::kBadFormat, "{}: a zip file without data.pkl, which torch.save writes", place);
}

// Storages one behind the other: a number of values, the values.
class OldStorages final : public StorageSource {
 public:
  OldStorages(StoredBytes file, std::string place) : file_(std::move(file)), place_(std::move(place)) {}

  // `keys` in the order of the file; they begin at `at`.
  void locate(const PickleHeap& heap, const PickleValue& keys, std::size_t at) {
    std::map<std::string_view, const PickleStorage*> known;
    for (const PickleStorage& storage : heap.storages) {
      const auto [other, is_new] = known.emplace(storage.key, &storage);
      if (!is_new && byte_size(*other->second) != byte_size(storage)) reject(storage.key, "two sizes");
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::string_view key = keys.at(i).text();
      const auto storage = known.find(key);
      if (storage == known.end()) reject(key, "no tensor in it");
      at = place_one(*storage->second, at);
    }
  }

  StoredBytes read(const PickleStorage& storage) const override {
    const auto found = places_.find(std::string(storage.key));
    if (found == places_.end()) reject(storage.key, "no place in the file");
    if (found->second.size() < byte_size(storage)) reject(storage.key, "two sizes");
    return {found->second, file_.owner};
  }

 private:
  // Returns where the next one begins.
  std::size_t place_one(const PickleStorage& storage, std::size_t at) {
    std::uint64_t count = 0;
    const auto rest = file_.bytes.subspan(at);
    if (rest.size() < sizeof count) reject(storage.key, "no place in the file");
    std::memcpy(&count, rest.data(), sizeof count);
    if (count != storage.count) reject(storage.key, "two sizes");
    if (byte_size(storage) > rest.size() - sizeof count) reject(storage.key, "its end behind the file");
    places_[std::string(storage.key)] = rest.subspan(sizeof count, byte_size(storage));
    return at + sizeof count + byte_size(storage);
  }

  [[noreturn]] void reject(std::string_view key, const char* what) const {
    fail(ErrorCode::kBadFormat, "{}: the storage {} has {}; is the file whole?", place_,
         shown(printable_utf8(key)), what);
  }

  StoredBytes file_;
  std::string place_;
  std::map<std::string, std::span<const std::byte>> places_;
};

PickleValue read_old(std::shared_ptr<const MappedFile> file, const std::string& place) {
  const StoredBytes bytes{file->bytes(), file};
  const auto next = [&](std::size_t at) { return read_pickle(bytes, at, place); };
  const auto value = [](const ReadPickle& read) { return PickleValue(read.heap, read.root); };
  const ReadPickle magic = next(0);
  if (!value(magic).is(PickleKind::kBigInt) || value(magic).text() != kMagic) {
    fail(ErrorCode::kBadFormat, "{}: a pickle, but not one that torch.save wrote", place);
  }
  const ReadPickle protocol = next(magic.end);
  if (value(protocol).integer() != kProtocol) {
    fail(ErrorCode::kUnsupported, "{}: {} of PyTorch's format, {} is wanted", place,
         value(protocol).describe(), kProtocol);
  }
  const ReadPickle system = next(protocol.end);
  const auto little = value(system).find("little_endian");
  if (little && little->describe() == "False") refuse_big_endian(place);
  ReadPickle object = next(system.end);
  const ReadPickle keys = next(object.end);
  auto storages = std::make_shared<OldStorages>(bytes, place);
  storages->locate(*object.heap, value(keys), keys.end);
  return finish(std::move(object), std::move(storages));
}

bool is_tar(std::span<const std::byte> bytes) {
  return bytes.size() > 262 && as_text(bytes.subspan(257, 5)) == "ustar";
}

}  // namespace

PickleValue read_torch_file(const std::filesystem::path& path, const FileSystem& files) {
  return read_torch_file(files.map(path), path.string());
}

PickleValue read_torch_file(std::shared_ptr<const MappedFile> file, const std::string& place) {
  const auto bytes = file->bytes();
  if (is_zip(bytes)) return read_zip(std::move(file), place);
  if (is_tar(bytes)) {
    fail(ErrorCode::kUnsupported,
         "{}: a tar file, as the first versions of PyTorch wrote them; load and save it with a later one",
         place);
  }
  if (!bytes.empty() && bytes[0] == std::byte{0x80}) return read_old(std::move(file), place);
  fail(ErrorCode::kBadFormat, "{}: not a file that torch.save wrote; is it whole?", place);
}

}  // namespace tandem::checkpoint
