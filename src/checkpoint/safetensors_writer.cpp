#include "checkpoint/safetensors_writer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "checkpoint/json.h"
#include "core/fail.h"
#include "core/half.h"
#include "core/utf8.h"

namespace tandem::checkpoint {
namespace {

using nlohmann::json;

constexpr std::size_t kAlignment = 8;  // of the data, by blanks behind the header

std::uint64_t byte_size(const TensorSource& tensor) {
  return value_count(tensor.shape) * byte_width(tensor.dtype);
}

bool is_floating(DType dtype) {
  return dtype == DType::kF64 || dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}

std::vector<std::byte> round_to_16(const std::string& name, std::span<const float> values, DType dtype) {
  std::vector<std::byte> bytes(values.size() * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool half = dtype == DType::kF16;
    const std::uint16_t rounded = half ? to_half(values[i]) : to_bfloat(values[i]);
    if (std::isfinite(values[i]) && !std::isfinite(half ? from_half(rounded) : from_bfloat(rounded))) {
      fail(ErrorCode::kInvalidArgument, "{}: the value {} is beyond the range of {}; write F32", shown(name),
           values[i], to_string(dtype));
    }
    std::memcpy(bytes.data() + i * sizeof rounded, &rounded, sizeof rounded);
  }
  return bytes;
}

// The length of the header, and the header.
std::string head(std::span<const TensorSource> tensors) {
  json header = {{"__metadata__", {{"format", "pt"}}}};  // other readers want to know whose layout it is
  std::uint64_t begin = 0;
  for (const TensorSource& tensor : tensors) {
    require_utf8(tensor.name, "the name of a tensor");
    const std::uint64_t end = begin + byte_size(tensor);
    const bool is_new = header
                            .emplace(tensor.name, json{{"dtype", to_string(tensor.dtype)},
                                                       {"shape", tensor.shape},
                                                       {"data_offsets", {begin, end}}})
                            .second;
    if (!is_new) fail(ErrorCode::kInvalidArgument, "{}: two tensors of this name", shown(tensor.name));
    begin = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const std::uint64_t length = text.size();
  std::string length_bytes(sizeof length, '\0');
  std::memcpy(length_bytes.data(), &length, sizeof length);
  return length_bytes + text;
}

}  // namespace

TensorSource rounded(std::string name, Shape shape, DType dtype, std::function<void(std::span<float>)> read) {
  if (dtype != DType::kF32 && dtype != DType::kF16 && dtype != DType::kBF16) {
    fail(ErrorCode::kInvalidArgument, "{}: writing floats as {}, one of F32, F16, BF16 is wanted",
         shown(name), to_string(dtype));
  }
  const auto bytes = [name, count = value_count(shape), dtype, read = std::move(read)] {
    if (dtype == DType::kF32) {
      std::vector<std::byte> values(count * sizeof(float));
      read({reinterpret_cast<float*>(values.data()), count});
      return values;
    }
    std::vector<float> values(count);
    read(values);
    return round_to_16(name, values, dtype);
  };
  return {std::move(name), dtype, std::move(shape), bytes};
}

std::vector<TensorSource> all_tensors(const Weights& weights, DType dtype) {
  std::vector<TensorSource> sources;
  for (const std::string& name : weights.names()) {
    const TensorView& tensor = *weights.find(name);
    if (is_floating(tensor.dtype) || weights.is_quantised(name)) {
      const auto read = [&weights, name](std::span<float> out) { weights.read(name, out); };
      sources.push_back(rounded(name, tensor.shape, dtype, read));
    } else {
      const auto copy = [&tensor] {
        return std::vector<std::byte>(tensor.bytes.begin(), tensor.bytes.end());
      };
      sources.push_back({name, tensor.dtype, tensor.shape, copy});
    }
  }
  return sources;
}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorSource> tensors,
                       FileSystem& files) {
  const std::string header = head(tensors);
  replace_file(files, path, [&](WritableFile& file) {
    file.append(std::as_bytes(std::span(header)));
    for (const TensorSource& tensor : tensors) {
      const std::vector<std::byte> bytes = tensor.bytes();
      if (bytes.size() != byte_size(tensor)) {
        fail(ErrorCode::kInvalidArgument, "{}: {}: {} bytes for {} {}, {} are wanted", path.string(),
             shown(tensor.name), bytes.size(), to_string(tensor.dtype), to_string(tensor.shape),
             byte_size(tensor));
      }
      file.append(bytes);
    }
  });
}

}  // namespace tandem::checkpoint
