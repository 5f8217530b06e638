// Reading what the reference implementations computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "tandem/error.h"
#include "tandem/image.h"
#include "tandem/model.h"

namespace tandem::image {

std::filesystem::path test_data();

std::vector<std::byte> read_bytes(const std::filesystem::path& path);
nlohmann::json read_json(const std::filesystem::path& path);

// Hex digest by FIPS 180-4.
std::string sha256(std::span<const std::byte> bytes);
std::string sha256(const Image& image);

// The picture of tests/golden/make/image_goldens.py with this seed.
Image noise(std::size_t width, std::size_t height, std::uint32_t seed);

// Values of a NumPy file of 8-bit or float32 numbers in C order.
template <typename T>
std::vector<T> read_npy(const std::filesystem::path& path);

// The float32 tensors of a safetensors file, of three dimensions each.
std::map<std::string, PixelTensor> read_tensors(const std::filesystem::path& path);

// The largest absolute difference; infinity for other sizes.
double largest_difference(std::span<const float> a, std::span<const float> b);

// The code and the message of the Error that `f` throws.
struct Failure {
  ErrorCode code;
  std::string message;
};
template <typename F>
Failure failure_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {ErrorCode::kCancelled, "no Error was thrown"};
}

}  // namespace tandem::image
