#include "reference_data.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>

namespace tandem::image {
namespace {

// The first 32 bits of the fractional parts of the roots of the first primes: square roots for the start,
// cube roots for the rounds.
template <std::size_t N>
std::array<std::uint32_t, N> prime_root_bits(long double (*root)(long double)) {
  std::array<std::uint32_t, N> bits;
  std::size_t count = 0;
  for (unsigned n = 2; count < N; ++n) {
    bool prime = true;
    for (unsigned d = 2; d * d <= n; ++d) prime = prime && n % d != 0;
    if (!prime) continue;
    const long double value = root(n);
    bits[count++] = static_cast<std::uint32_t>((value - std::floor(value)) * 4294967296.0L);
  }
  return bits;
}

void sha256_block(std::array<std::uint32_t, 8>& state, const std::uint8_t* block) {
  static const auto kRounds = prime_root_bits<64>([](long double x) { return std::cbrt(x); });
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i) {
    w[i] = static_cast<std::uint32_t>(block[4 * i]) << 24 |
           static_cast<std::uint32_t>(block[4 * i + 1]) << 16 |
           static_cast<std::uint32_t>(block[4 * i + 2]) << 8 | block[4 * i + 3];
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t b = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t choice = (e & f) ^ (~e & g);
    const std::uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    const std::uint32_t first =
        h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + choice + kRounds[i] + w[i];
    const std::uint32_t second = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + majority;
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  const std::array<std::uint32_t, 8> added = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state[i] += added[i];
}

}  // namespace

std::filesystem::path test_data() { return TANDEM_TEST_DATA; }

std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  const std::vector<char> text((std::istreambuf_iterator<char>(file)), {});
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  return nlohmann::json::parse(file);
}

std::string sha256(std::span<const std::byte> bytes) {
  std::array<std::uint32_t, 8> state = prime_root_bits<8>([](long double x) { return std::sqrt(x); });
  std::vector<std::uint8_t> padded(bytes.size());
  if (!bytes.empty()) std::memcpy(padded.data(), bytes.data(), bytes.size());
  padded.push_back(0x80);
  while (padded.size() % 64 != 56) padded.push_back(0);
  for (int shift = 56; shift >= 0; shift -= 8) {
    padded.push_back(static_cast<std::uint8_t>(std::uint64_t{bytes.size()} * 8 >> shift));
  }
  for (std::size_t at = 0; at < padded.size(); at += 64) sha256_block(state, &padded[at]);
  std::string hex;
  for (const std::uint32_t word : state) {
    for (int shift = 28; shift >= 0; shift -= 4) hex += "0123456789abcdef"[word >> shift & 15];
  }
  return hex;
}

std::string sha256(const Image& image) { return sha256(std::as_bytes(std::span(image.rgb))); }

Image noise(std::size_t width, std::size_t height, std::uint32_t seed) {
  Image image{width, height, std::vector<std::uint8_t>(width * height * 3)};
  std::uint32_t state = seed;
  for (std::uint8_t& sample : image.rgb) {
    state = state * 1664525u + 1013904223u;
    sample = static_cast<std::uint8_t>(state >> 24);
    if (seed % 2 == 1) sample = sample < 128 ? 0 : 255;
  }
  return image;
}

template <typename T>
std::vector<T> read_npy(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_bytes(path);
  // Magic and version in 8 bytes, then the length of the header.
  const std::size_t begin =
      10 + std::to_integer<std::size_t>(bytes.at(8)) + 256 * std::to_integer<std::size_t>(bytes.at(9));
  std::vector<T> values((bytes.size() - begin) / sizeof(T));
  std::memcpy(values.data(), bytes.data() + begin, values.size() * sizeof(T));
  return values;
}
template std::vector<std::uint8_t> read_npy(const std::filesystem::path& path);
template std::vector<float> read_npy(const std::filesystem::path& path);

std::map<std::string, PixelTensor> read_tensors(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_bytes(path);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + sizeof header;
  std::map<std::string, PixelTensor> tensors;
  const nlohmann::json entries = nlohmann::json::parse(text, text + header);
  for (const auto& [name, entry] : entries.items()) {
    if (name == "__metadata__") continue;
    const std::size_t begin = entry.at("data_offsets").at(0);
    const std::size_t end = entry.at("data_offsets").at(1);
    PixelTensor tensor{entry.at("shape").at(0), entry.at("shape").at(1), entry.at("shape").at(2), {}};
    tensor.values.resize((end - begin) / sizeof(float));
    std::memcpy(tensor.values.data(), bytes.data() + sizeof header + header + begin, end - begin);
    tensors[name] = std::move(tensor);
  }
  return tensors;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return largest;
}

}  // namespace tandem::image
