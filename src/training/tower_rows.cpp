#include "training/tower_rows.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/fail.h"
#include "core/hash.h"

namespace tandem::training {
namespace {

constexpr char kMagic[8] = {'T', 'N', 'D', 'M', 'T', 'O', 'W', 'R'};
constexpr std::uint32_t kRowsVersion = 1;
constexpr std::size_t kHeaderBytes = 64;

template <typename T>
void put(std::vector<std::byte>& out, const T* values, std::size_t count) {
  const auto bytes = std::as_bytes(std::span(values, count));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

TowerRows::TowerRows(std::filesystem::path path, const TowerShape& shape, const std::string& fingerprint,
                     FileSystem& files)
    : path_(std::move(path)), shape_(shape), files_(files) {
  const std::vector<std::byte> wanted = header(fingerprint);
  file_ = files.open_append(path_);
  const std::uint64_t size = file_->size();
  bool fits = size >= kHeaderBytes;
  if (fits) fits = std::ranges::equal(files.map(path_)->bytes().first(kHeaderBytes), wanted);
  if (fits) {
    count_ = static_cast<std::size_t>((size - kHeaderBytes) / record_bytes());
    file_->truncate(kHeaderBytes + count_ * record_bytes());
  } else {
    file_->truncate(0);
    file_->append(wanted);
  }
  finish();
}

std::vector<std::byte> TowerRows::header(const std::string& fingerprint) const {
  std::vector<std::byte> bytes;
  put(bytes, kMagic, sizeof kMagic);
  const std::uint32_t numbers[] = {kRowsVersion, shape_.rows, shape_.width, shape_.max_text};
  put(bytes, numbers, std::size(numbers));
  put(bytes, fingerprint.data(), fingerprint.size());
  bytes.resize(kHeaderBytes);
  return bytes;
}

std::size_t TowerRows::record_bytes() const {
  const std::size_t values = std::size_t{shape_.rows} * shape_.width + 2 + shape_.max_text;
  return values * sizeof(float) + sizeof(std::uint64_t);
}

void TowerRows::append(const TowerRow& row) {
  std::vector<std::byte> record;
  record.reserve(record_bytes());
  std::vector<float> features = row.features;
  features.resize(std::size_t{shape_.rows} * shape_.width);
  put(record, features.data(), features.size());
  const std::int32_t numbers[] = {row.readable ? 1 : 0, static_cast<std::int32_t>(row.text.size())};
  put(record, numbers, std::size(numbers));
  std::vector<std::int32_t> text = row.text;
  text.resize(shape_.max_text);
  put(record, text.data(), text.size());
  const std::uint64_t checksum = checksum64(record);
  put(record, &checksum, 1);
  file_->append(record);
}

void TowerRows::finish() {
  mapping_ = files_.map(path_);
  count_ = static_cast<std::size_t>((mapping_->bytes().size() - kHeaderBytes) / record_bytes());
}

TowerRow TowerRows::read(std::size_t row) const {
  const auto record = mapping_->bytes().subspan(kHeaderBytes + row * record_bytes(), record_bytes());
  const std::size_t checked = record.size() - sizeof(std::uint64_t);
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, record.data() + checked, sizeof checksum);
  std::int32_t numbers[2] = {};
  const std::size_t features = std::size_t{shape_.rows} * shape_.width;
  std::memcpy(numbers, record.data() + features * sizeof(float), sizeof numbers);
  if (checksum != checksum64(record.first(checked)) || numbers[1] < 0 ||
      static_cast<std::uint32_t>(numbers[1]) > shape_.max_text) {
    fail(ErrorCode::kBadFormat, "{}: row {} is damaged; remove the file, it is made anew", path_.string(),
         row);
  }
  TowerRow read{.readable = numbers[0] == 1,
                .features = std::vector<float>(features),
                .text = std::vector<std::int32_t>(static_cast<std::size_t>(numbers[1]))};
  std::memcpy(read.features.data(), record.data(), features * sizeof(float));
  std::memcpy(read.text.data(), record.data() + (features + 2) * sizeof(float),
              read.text.size() * sizeof(std::int32_t));
  return read;
}

}  // namespace tandem::training
